"""`quorum lf`: examples, errors, what an edit changed, suggestions; on small projects of one's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

import lfs
from labeling.cli.commands import main
from labeling.lf.vector import vote_frame
from labeling.rounds.live import turn
from labeling.types import Lane
from tests.fakes import FakeQueue
from tests.projects import FUNCTIONS, answer, gold_of, opened, small_rows, synced, write_rows
from tests.projects import write_python_project as write_project

ROOT = Path(__file__).parents[2]
ROWS = small_rows(60)
SEED = "gold: {column: label, use: seed}"
HOSTILE = "[bold]refund[/bold] \x1b[2J\x1b]0;owned\x07 \u202eknab <script>"
Run = Callable[..., Result]


@pytest.fixture
def quorum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["lf", *arguments])

    return run


def said(result: Result, code: int = 0) -> str:
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.stdout
    return " ".join(result.stdout.split())


def found(result: Result, code: int = 0) -> dict[str, Any]:
    assert result.exit_code == code, result.output
    assert result.stdout.count("\n") == 1
    parsed = json.loads(result.stdout)
    assert isinstance(parsed, dict)
    return parsed


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    text = " ".join(result.stderr.split())
    assert all(word in text for word in words), text


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "functions.py"
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")


def bucket(report: dict[str, Any], name: str, other: str | None = None) -> dict[str, Any]:
    return next(b for b in report["buckets"] if b["name"] == name and other in (None, b["other"]))


def with_examples(money: str, parcel: str = "[]") -> str:
    decorator = "@labeling_function\ndef {}("
    functions = FUNCTIONS
    for name, given in (("money", money), ("parcel", parcel)):
        declared = f"@labeling_function(examples={given})\ndef {name}("
        functions = functions.replace(decorator.format(name), declared)
    return functions


class TestExamples:
    def test_all_hold(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS, functions=with_examples('[("a refund", "BILL"), ("hello", None)]'))
        report = found(quorum("test", "--json"))
        assert (report["passed"], report["examples"], report["failed"]) == (True, 2, 0)
        assert report["without_examples"] == ["parcel", "courier", "fire"]
        text = said(quorum("test"))
        assert "ok money: 2 examples" in text
        assert "without examples: parcel, courier, fire" in text

    def test_one_that_fails_is_told_with_expected_and_got(self, quorum: Run, tmp_path: Path) -> None:
        money = '[("a refund", "SHIP"), ("hello", None)]'
        write_project(tmp_path, ROWS, functions=with_examples(money, '[("my box", "SHIP")]'))
        report = found(quorum("test", "--json"), code=1)
        failures = {f["name"]: f["failures"] for f in report["functions"]}
        assert [(f["example"], f["expected"], f["got"]) for f in failures["money"]] == [
            ("a refund", "SHIP", "BILL")
        ]
        assert [(f["expected"], f["got"]) for f in failures["parcel"]] == [("SHIP", None)]
        text = said(quorum("test"), code=1)
        assert "FAIL money: 1 of 2 examples a refund expected SHIP, got BILL" in text
        assert "my box expected SHIP, got no vote" in text

    def test_one_that_raises_is_told_with_its_error(self, quorum: Run, tmp_path: Path) -> None:
        functions = with_examples('[({"text": "x", "n": "0"}, "BILL")]').replace(
            'return "BILL" if', 'int(item["n"]) / 0\n    return "BILL" if'
        )
        write_project(tmp_path, ROWS, functions=functions)
        assert "expected BILL, got ZeroDivisionError" in said(quorum("test"), code=1)

    def test_one_function_alone(self, quorum: Run, tmp_path: Path) -> None:
        write_project(
            tmp_path, ROWS, functions=with_examples('[("a refund", "SHIP")]', '[("parcel", "SHIP")]')
        )
        assert found(quorum("test", "--voter", "parcel", "--json"))["passed"]
        assert not found(quorum("test", "small.yaml", "--voter", "money", "--json"), code=1)["passed"]
        refused(
            quorum("test", "--voter", "mony"), "'mony': expected the name of a voter. Did you mean money?"
        )

    def test_examples_are_shown_as_they_are(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS, functions=with_examples(f"[({HOSTILE!r}, 'SHIP')]"))
        result = quorum("test")
        assert result.exit_code == 1
        assert "[bold]refund[/bold]" in result.stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)

    def test_data_are_not_read(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        (tmp_path / "data.jsonl").unlink()
        assert found(quorum("test", "--json"))["passed"]


WORDS_FOR_BILL = 'if "refund" in item.text or "invoice" in item.text else'
TOO_WIDE = 'if "refund" in item.text or "the" in item.text else'


class TestErrors:
    def test_against_gold(self, quorum: Run, tmp_path: Path) -> None:
        functions = FUNCTIONS.replace(WORDS_FOR_BILL, TOO_WIDE)
        write_project(tmp_path, ROWS, functions=functions, gold=SEED)
        report = found(quorum("errors", "money", "--json", "--limit", "100"))
        gold = gold_of(ROWS)
        wrong, right, missed = (bucket(report, name) for name in ("wrong", "right", "missed"))
        assert all(c["vote"] == "BILL" and c["gold"] == gold[c["id"]] != "BILL" for c in wrong["cases"])
        assert all(c["vote"] == c["gold"] == "BILL" for c in right["cases"])
        assert all(c["vote"] is None and c["gold"] == "BILL" for c in missed["cases"])
        assert {c["id"] for c in (*right["cases"], *missed["cases"])} == {
            i for i in gold if gold[i] == "BILL"
        }
        assert report["accuracy"]["judged"] == wrong["total"] + right["total"] == report["votes"]

    def test_errors_that_reach_the_label_come_first(self, quorum: Run, tmp_path: Path) -> None:
        second = FUNCTIONS.split("@labeling_function")[3].replace("def courier", "def courier_again")
        functions = FUNCTIONS.replace(WORDS_FOR_BILL, TOO_WIDE) + "\n\n@labeling_function" + second
        write_project(tmp_path, ROWS, functions=functions, gold=SEED)
        report = found(quorum("errors", "money", "--bucket", "wrong", "--limit", "100", "--json"))
        reached = [c["label"] != c["gold"] for c in bucket(report, "wrong")["cases"]]
        assert len(set(reached)) == 2
        assert reached == sorted(reached, reverse=True)

    def test_against_the_others(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS, functions=FUNCTIONS.replace(WORDS_FOR_BILL, TOO_WIDE))
        report = found(quorum("errors", "money", "--json", "--limit", "2"))
        assert report["accuracy"] == {"right": 0, "judged": 0, "accuracy": None}
        assert bucket(report, "wrong")["total"] == 0
        doubted = bucket(report, "doubted")
        assert doubted["total"] > len(doubted["cases"]) == 2
        disputes = [b for b in report["buckets"] if b["name"] == "disputed"]
        assert {b["other"] for b in disputes} == {"parcel", "courier", "fire"}
        counts = [b["total"] for b in disputes]
        assert counts == sorted(counts, reverse=True)
        assert sum(counts) == doubted["total"]
        assert {c["other"] for c in bucket(report, "disputed", "fire")["cases"]} == {"FIRE"}

    def test_chosen_buckets(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS, gold=SEED)
        report = found(quorum("errors", "small.yaml", "money", "--bucket", "right", "--json"))
        assert {b["name"] for b in report["buckets"]} == {"right"}
        assert quorum("errors", "money", "--bucket", "odd").exit_code == 2

    def test_what_people_read(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS, gold=SEED)
        text = said(quorum("errors", "money"))
        assert "money: votes on" in text
        assert "missed: " in text
        assert "r2: no vote, gold BILL; label none money back for my" in text
        assert "nothing in: wrong, doubted" in text
        write_project(tmp_path, ROWS)
        assert "no gold to compare with" in said(quorum("errors", "money"))

    def test_an_unknown_voter(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        refused(quorum("errors", "curier"), "'curier'", "Did you mean courier?")
        refused(quorum("errors", "zzz"), "There are money, parcel, courier, fire.")
        refused(quorum("errors"), "Missing argument 'VOTER'")

    def test_one_voter_that_never_votes(self, quorum: Run, tmp_path: Path) -> None:
        alone = (
            "from lfs import labeling_function\n\n\n@labeling_function\ndef silent(item):\n    return None\n"
        )
        write_project(tmp_path, ROWS, functions=alone, gold=SEED)
        report = found(quorum("errors", "silent", "--json"))
        assert report["votes"] == 0
        assert all(b["total"] == 0 for b in report["buckets"])
        assert "votes on 0 items" in said(quorum("errors", "silent"))

    def test_texts_are_shown_as_they_are(self, quorum: Run, tmp_path: Path) -> None:
        rows = [*ROWS, {"id": "[red]x\x1b[0m", "text": HOSTILE, "label": "SHIP"}]
        write_project(tmp_path, rows, gold=SEED)
        result = quorum("errors", "money", "--bucket", "wrong")
        assert result.exit_code == 0, result.output
        assert "[bold]refund[/bold]" in result.stdout
        assert "[red]x" in result.stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)


def test_audit_answers_stay_hidden(quorum: Run, tmp_path: Path) -> None:
    config = write_project(tmp_path, small_rows(100))
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        answer(queue, gold_of(small_rows(100)), lanes=[Lane.AUDIT])
        synced(project, queue)
    assert found(quorum("errors", "money", "--json"))["gold"] == 0
    assert found(quorum("suggest", "--json"))["gold"] == 0
    with opened(config) as project:
        answered = answer(queue, gold_of(small_rows(100)), lanes=[Lane.REVIEW])
        synced(project, queue)
    assert found(quorum("errors", "money", "--json"))["gold"] == len(answered) > 0


class TestDiff:
    def test_an_edit_before_and_after_it_was_applied(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS, gold=SEED)
        first = found(quorum("diff", "--json"))
        assert (first["fresh"], first["voters"], first["labels"]) == (True, [], None)
        assert "nothing changed" in first["remark"]
        edit(tmp_path, '"parcel" in item.text', '"parcel" in item.text or "where is my" in item.text')
        fresh = found(quorum("diff", "--json"))
        again = found(quorum("diff", "--json"))
        assert (fresh.pop("fresh"), again.pop("fresh")) == (True, False)
        assert fresh == again
        [parcel] = fresh["voters"]
        waiting = [r for r in ROWS if "where is my" in r["text"]]
        assert (parcel["name"], parcel["gained"], parcel["lost"], parcel["flipped"]) == (
            "parcel",
            len(waiting),
            0,
            0,
        )
        [move] = parcel["moves"]
        assert (move["before"], move["after"], move["total"]) == (None, "SHIP", len(waiting))
        assert all("where is my" in item["text"] and item["gold"] == "SHIP" for item in move["items"])
        assert fresh["labels"]["gained"] == len(waiting)
        before, after = fresh["labels"]["accuracy_before"], fresh["labels"]["accuracy_after"]
        assert after["judged"] == after["right"] == before["right"] + len(waiting)

    def test_what_a_builder_matches_now_is_highlighted(self, quorum: Run, tmp_path: Path) -> None:
        functions = 'from lfs import keyword\nparcel = keyword("parcel", "{}", label="SHIP")\n'
        write_project(tmp_path, ROWS, functions=functions.format("courier"))
        quorum("diff")
        write_project(tmp_path, ROWS, functions=functions.format("where"))
        report = found(quorum("diff", "--json"))
        items = {m["after"]: m["items"] for m in report["voters"][0]["moves"]}
        assert all(i["text"][slice(*i["hits"][0])] == "where" for i in items["SHIP"])
        assert all(i["hits"] == [] for i in items[None])
        assert all(i["hits"] == [] for m in report["labels"]["moves"] for i in m["items"])
        assert "«where» is my" in said(quorum("diff"))

    def test_flips_and_losses(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        quorum("diff")
        edit(tmp_path, '"SHIP" if "courier"', '"BILL" if "courier"')
        edit(tmp_path, '"refund" in item.text or ', "")
        text = said(quorum("diff"))
        assert "money: " in text
        assert "courier: " in text
        assert "SHIP to BILL" in text
        assert "BILL to no vote" in text
        assert "labels by the label model" in text

    def test_a_comment_is_no_change(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        quorum("diff")
        edit(tmp_path, "@labeling_function\ndef parcel", "# parcels\n@labeling_function\ndef parcel")
        assert "nothing changed" in said(quorum("diff"))

    def test_named_voters_are_compared_with_their_own_past(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        quorum("diff")
        edit(tmp_path, '"parcel" in', '"box" in')
        quorum("diff")
        edit(tmp_path, '"courier" in', '"driver" in')
        assert [v["name"] for v in found(quorum("diff", "--json"))["voters"]] == ["courier"]
        for arguments in (["parcel"], ["small", "parcel"], ["small.yaml", "parcel"]):
            assert [v["name"] for v in found(quorum("diff", *arguments, "--json"))["voters"]] == ["parcel"]
        report = found(quorum("diff", "money", "--json"))
        assert report["voters"] == []
        assert "money was applied in one version only" in report["remark"]
        refused(quorum("diff", "parsel"), "Did you mean parcel?")
        refused(quorum("diff", "other.yaml", "parcel"), "other.yaml: expected a config")

    def test_functions_that_come_and_go(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        quorum("diff")
        edit(tmp_path, "def courier(", "def driver(")
        report = found(quorum("diff", "--json"))
        states = {v["name"]: (v["before"] is None, v["after"] is None) for v in report["voters"]}
        assert states == {"driver": (True, False), "courier": (False, True)}
        couriers = sum("courier" in r["text"] for r in ROWS)
        assert {v["name"]: (v["gained"], v["lost"]) for v in report["voters"]} == {
            "driver": (couriers, 0),
            "courier": (0, couriers),
        }
        assert report["labels"]["moves"] == []
        text = said(quorum("diff"))
        assert "driver: new, " in text
        assert "courier: gone, was " in text

    def test_rows_that_came_since_are_not_compared(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        quorum("diff")
        write_rows(tmp_path, small_rows(70))
        edit(tmp_path, '"parcel" in', '"where is my" in')
        report = found(quorum("diff", "--json"))
        assert (report["compared"], report["items"]) == (60, 70)

    def test_a_limit_of_none_still_counts(self, quorum: Run, tmp_path: Path) -> None:
        write_project(tmp_path, ROWS)
        quorum("diff")
        edit(tmp_path, '"parcel" in', '"where is my" in')
        report = found(quorum("diff", "--limit", "0", "--json"))
        assert report["voters"][0]["gained"] > 0
        assert all(m["items"] == [] for m in report["voters"][0]["moves"])


class TestSuggestions:
    def test_clusters_and_keywords_from_gold(self, quorum: Run, tmp_path: Path) -> None:
        rows = small_rows(120)
        write_project(tmp_path, rows, gold=SEED)
        report = found(quorum("suggest", "--json"))
        uncovered = {r["id"] for r in rows if "my" in r["text"].split()}
        assert report["uncovered"] == len(uncovered)
        assert report["sampled"] is None
        assert all(len(c["examples"]) == min(c["size"], 2) for c in report["clusters"])
        assert {row_id for c in report["clusters"] for row_id, _ in c["examples"]} <= uncovered
        keywords = {k["term"]: k for k in report["keywords"]}
        assert keywords["money"]["label"] == "BILL"
        assert keywords["money"]["basis"] == "gold"
        assert keywords["money"]["builder"] == 'says_money = keyword("money", label="BILL")'
        low, high = keywords["money"]["interval"]
        assert 0.7 < low < keywords["money"]["precision"] == high == 1.0
        assert not {"refund", "invoice", "parcel", "courier", "smoke"} & keywords.keys()
        text = said(quorum("suggest"))
        assert 'says_money = keyword("money", label="BILL")' in text
        assert "with gold" in text

    def test_without_gold_the_label_model_speaks(self, quorum: Run, tmp_path: Path) -> None:
        rows = [*ROWS, *({"id": f"m{i}", "text": f"money {w}"} for i, w in enumerate(["now", "back"]))]
        rows += [{"id": f"n{i}", "text": f"money refund {i}"} for i in range(10)]
        write_project(tmp_path, rows, gold="")
        report = found(quorum("suggest", "--json"))
        money = next(k for k in report["keywords"] if k["term"] == "money")
        assert (money["basis"], money["interval"], money["precision"]) == ("posterior", None, 1.0)
        assert "the label model, on 10 covered items" in said(quorum("suggest"))

    def test_everything_covered(self, quorum: Run, tmp_path: Path) -> None:
        everything = (
            "from lfs import labeling_function\n\n\n@labeling_function\ndef all_of_them(item):\n"
            '    return "BILL"\n'
        )
        write_project(tmp_path, ROWS, functions=everything)
        report = found(quorum("suggest", "--json"))
        assert (report["uncovered"], report["clusters"]) == (0, [])
        assert "0 of 60 items (0.0%) without a vote" in said(quorum("suggest"))

    def test_nobody_votes_and_no_gold(self, quorum: Run, tmp_path: Path) -> None:
        silent = (
            "from lfs import labeling_function\n\n\n@labeling_function\ndef silent(item):\n    return None\n"
        )
        write_project(tmp_path, ROWS, functions=silent)
        report = found(quorum("suggest", "--json"))
        assert report["uncovered"] == 60
        assert report["keywords"] == []
        assert "no keyword is sure enough" in said(quorum("suggest"))

    def test_a_large_pool_is_sampled_and_it_is_said(
        self, quorum: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("labeling.development.suggest.MOST_ITEMS", 40)
        write_project(tmp_path, ROWS, gold=SEED)
        first = found(quorum("suggest", "--json"))
        assert first["sampled"] == 40
        assert first == found(quorum("suggest", "--json"))
        assert "a sample of 40 items (seed 0)" in said(quorum("suggest"))

    def test_texts_are_shown_as_they_are(self, quorum: Run, tmp_path: Path) -> None:
        hostile = [{"id": f"h{i}", "text": f"{HOSTILE} {i}".replace("refund", "rebate")} for i in range(10)]
        write_project(tmp_path, [*ROWS, *hostile], gold="")
        result = quorum("suggest")
        assert result.exit_code == 0, result.output
        assert "[bold]rebate[/bold]" in result.stdout
        assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)


class TestTheShippedExample:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        shutil.copytree(ROOT / "configs" / "support_tickets", tmp_path / "configs" / "support_tickets")
        (tmp_path / "lfs").mkdir()
        shutil.copy(ROOT / "lfs" / "support_tickets.py", tmp_path / "lfs")
        text = (ROOT / "configs" / "support_tickets.yaml").read_text(encoding="utf-8")
        config = tmp_path / "configs" / "support_tickets.yaml"
        config.write_text(text.replace("use: score", "use: seed"), encoding="utf-8")
        return tmp_path

    def test_every_command_has_something_to_say(self, quorum: Run, folder: Path) -> None:
        assert found(quorum("test", "--json"))["passed"]
        errors = found(quorum("errors", "amounts", "--json"))
        assert bucket(errors, "wrong")["total"] > 0
        assert bucket(errors, "disputed")["total"] > 0
        assert quorum("errors", "amounts").exit_code == quorum("suggest").exit_code == 0
        assert "nothing changed" in said(quorum("diff"))

    def test_a_suggested_keyword_votes_on_as_many_items_as_promised(self, quorum: Run, folder: Path) -> None:
        report = found(quorum("suggest", "--json", "--limit", "4"))
        assert len(report["keywords"]) > 5
        lines = (folder / "configs" / "support_tickets" / "tickets.jsonl").read_text(encoding="utf-8")
        texts = {json.loads(line)["text"] for line in lines.splitlines() if line.strip()}
        frame = pl.DataFrame({"text": sorted(texts)})
        for keyword in report["keywords"]:
            named: dict[str, Any] = {}
            exec(keyword["builder"], {"keyword": lfs.keyword}, named)
            [function] = named.values()
            [codes] = vote_frame([function], frame)
            assert (codes >= 0).sum() == keyword["items"], keyword
            assert function.classes == (keyword["label"],)


def test_a_builder_for_an_unknown_class_is_refused_before_anybody_votes(tmp_path: Path, quorum: Run) -> None:
    functions = (
        "from lfs import keyword\n\nmoney = keyword('refund', label='BIL', examples=[('refund', 'BIL')])\n"
    )
    write_project(tmp_path, ROWS, functions=functions, gold=SEED)
    for command in ("test", "suggest"):
        refused(
            quorum(command), "functions.py: 'money' votes for 'BIL', expected one of", "Did you mean BILL?"
        )
