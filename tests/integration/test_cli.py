"""The command line: one JSON object, errors in words with a place and a remedy, users' own files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from labeling import voting
from labeling.cli import commands
from tests.projects import FUNCTIONS, small_rows, write_rows
from tests.projects import write_python_project as write_project

ROWS = small_rows(40)
Run = Callable[..., Result]


@pytest.fixture
def quorum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands.main, arguments)

    return run


def one_object(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 3), result.stderr
    assert result.stdout.count("\n") == 1
    found = json.loads(result.stdout, parse_constant=pytest.fail)
    assert isinstance(found, dict)
    return found


def refused(result: Result, *words: str, code: int = 2) -> None:
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    said = " ".join(result.stderr.split())
    for word in words:
        assert word in said, said


KEYS = {
    "votes": {"rows", "items", "voters"},
    "run": {"rows", "items", "covered", "calls", "routes", "certificate", "round"},
    "simulate": {"curves", "violations"},
    "explain": {"label", "probabilities", "contributions", "route", "reason", "history"},
    "certify": {"passed", "statement", "delta_spent"},
    "export": {"rows", "sources"},
    "doctor": {"findings"},
}


def test_json_is_one_object_with_the_promised_keys(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, ROWS, functions=FUNCTIONS + '\nprint("hello from the functions")\n')
    commands = {
        "votes": [],
        "run": [],
        "simulate": ["--gold", "label", "--labels", "20", "--jobs", "1"],
        "explain": ["r3"],
        "certify": [],
        "export": ["--out", "labels.csv"],
        "doctor": [],
    }
    found = {name: one_object(quorum(name, *more, "--json")) for name, more in commands.items()}
    for name, keys in KEYS.items():
        assert keys <= found[name].keys(), name
    votes = found["votes"]
    assert votes["voters"][0].keys() >= {
        "name",
        "polarity",
        "coverage",
        "overlaps",
        "conflicts",
        "accuracy",
        "ran",
        "cached",
        "faults",
    }
    assert found["run"]["calls"] == {"ran": 0, "cached": 160}
    assert sum(found["run"]["routes"].values()) == 40
    assert found["run"]["certificate"] is None
    assert found["simulate"]["curves"].keys() == {"quorum", "active_only", "random"}
    assert found["explain"]["contributions"][0].keys() == {"voter", "vote", "weight"}
    assert sum(found["explain"]["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_a_process_of_its_own_keeps_standard_output_clean(tmp_path: Path) -> None:
    functions = FUNCTIONS.replace(
        '    return "SHIP" if "parcel"', '    print(item.text)\n    return "SHIP" if "parcel"'
    )
    config = write_project(tmp_path, ROWS, functions=functions)
    command = [sys.executable, "-c", "from labeling.cli import main; main()", "run", str(config), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout)["round"] == 1
    assert "parcel printed: refund the lamp lamp 0" in done.stderr
    assert "courier lost the" not in done.stderr


def test_what_people_read(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, ROWS)
    for command in (
        ["votes"],
        ["run"],
        ["explain", "r3"],
        ["export", "--out", "o.csv"],
        ["doctor"],
        ["simulate", "--gold", "label", "--labels", "10", "--plot", "curve.png"],
    ):
        result = quorum(*command)
        assert result.exit_code == 0, result.output
        assert result.stdout.strip()
        assert "Traceback" not in result.output
    assert (tmp_path / "curve.png").is_file()
    assert "40 rows, 40 items" in quorum("votes").stdout
    assert "round 1 (nothing changed since)" in quorum("run").stdout


def test_init_then_votes_then_run_in_an_empty_folder(quorum: Run, tmp_path: Path) -> None:
    assert quorum("init", "my-project").exit_code == 0
    votes = one_object(quorum("votes", "--json"))
    assert (votes["rows"], len(votes["voters"])) == (8, 4)
    assert all(v["ran"] == 8 and v["faults"] == 0 for v in votes["voters"])
    report = one_object(quorum("run", "my-project", "--json"))
    assert (report["round"], report["calls"]) == (1, {"ran": 0, "cached": 32})
    refused(quorum("init", "my-project"), "configs/my-project.yaml: is there already")
    assert quorum("init", "second", "--in", "elsewhere").exit_code == 0
    assert one_object(quorum("votes", "elsewhere/configs/second.yaml", "--json"))["rows"] == 8


@pytest.mark.parametrize("name", ["", "a/b", "../up", "1st", "a b", ".hidden"])
def test_names_that_make_no_folder_are_refused(quorum: Run, tmp_path: Path, name: str) -> None:
    refused(quorum("init", name), "a project is named with letters")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "parquet", "csv.gz"])
def test_data_of_any_kind_in_any_folder(quorum: Run, tmp_path: Path, kind: str) -> None:
    home, data = tmp_path / "home", tmp_path / "some where" / "ünïcode"
    data.mkdir(parents=True)
    config = write_project(home, ROWS)
    path, frame = data / f"pool.{kind}", pd.DataFrame(ROWS)
    writers: dict[str, Callable[[], object]] = {
        "csv": lambda: frame.to_csv(path, index=False),
        "tsv": lambda: frame.to_csv(path, index=False, sep="\t"),
        "jsonl": lambda: frame.to_json(path, orient="records", lines=True),
        "json": lambda: frame.to_json(path, orient="records"),
        "parquet": lambda: frame.to_parquet(path, index=False),
        "csv.gz": lambda: frame.to_csv(path, index=False),
    }
    writers[kind]()
    config.write_text(config.read_text().replace("path: data.jsonl", f'path: "{path}"'), encoding="utf-8")
    report = one_object(quorum("run", str(config), "--json"))
    assert (report["rows"], report["items"], report["calls"]["ran"]) == (40, 40, 160)
    assert (home / "work" / "small" / "state.db").is_file()
    exported = one_object(quorum("export", str(config), "--out", "out/labels.parquet", "--json"))
    assert exported["rows"] == 40
    assert pd.read_parquet(tmp_path / "out" / "labels.parquet")["id"].tolist() == [r["id"] for r in ROWS]


def test_explain_takes_the_id_alone_where_there_is_one_config(quorum: Run, tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    quorum("run")
    alone = one_object(quorum("explain", "r7", "--json"))
    assert alone == one_object(quorum("explain", "small.yaml", "r7", "--json"))
    (tmp_path / "other.yaml").write_text(config.read_text())
    refused(quorum("explain", "r7"), "expected one config, got other.yaml, small.yaml. Name one of them.")
    refused(quorum("explain"), "Missing argument 'ID'")


def test_explain_tells_the_whole_story_of_an_unlabelled_row(quorum: Run, tmp_path: Path) -> None:
    rows = [{**r, "label": r["label"] if i < 10 else None} for i, r in enumerate(ROWS)]
    write_project(tmp_path, rows, gold="gold: {column: label, use: seed}")
    quorum("run")
    known = one_object(quorum("explain", "r3", "--json"))
    assert (known["label"], known["source"], known["route"]) == ("SHIP", "known", "accept")
    unknown = one_object(quorum("explain", "r23", "--json"))
    assert (unknown["label"], unknown["source"], unknown["history"]) == (None, None, [])
    assert unknown["suggestion"] in ("BILL", "SHIP", "FIRE")


BAD_CONFIGS = {
    "no items": (lambda text: text.replace("items:", "itmes:"), ["small.yaml:", "items"]),
    "broken yaml": (lambda text: text + "\nrouting: {alpha: [", ["small.yaml:"]),
    "an unknown column": (
        lambda text: text.replace("text: text", "text: body"),
        ["items.text", '"body"', "It has"],
    ),
    "an unknown gold": (lambda text: text.replace("column: label", "column: lable"), ["Did you mean label?"]),
    "a bad share": (
        lambda text: text.replace("alpha: 0.1", "alpha: 5%"),
        ["routing.alpha", "a number in (0, 1)"],
    ),
    "no such data": (lambda text: text.replace("data.jsonl", "dta.jsonl"), ["Did you mean data.jsonl?"]),
    "no such functions": (lambda text: text.replace("functions.py", "funcs.py"), ["funcs.py: no such file"]),
    "a bad database": (lambda text: text + "\nstate: {url: mysql://x}", ["state.url"]),
    "one function twice": (
        lambda text: text.replace(
            "  - functions: functions.py", "  - functions: functions.py\n  - functions: more.py"
        ),
        ["'money' is the name of two voters. Rename one."],
    ),
}


@pytest.mark.parametrize("name", BAD_CONFIGS)
def test_a_bad_config_is_refused_with_place_and_remedy(quorum: Run, tmp_path: Path, name: str) -> None:
    change, words = BAD_CONFIGS[name]
    config = write_project(tmp_path, ROWS)
    (tmp_path / "more.py").write_text(FUNCTIONS)
    config.write_text(change(config.read_text()))
    refused(quorum("run", "--json"), *words)
    assert quorum("doctor").exit_code == 1


BAD_DATA: dict[str, tuple[bytes, list[str]]] = {
    "one id twice": (
        b'{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n',
        ["data.jsonl:2 row 2 id", '"a" as in'],
    ),
    "no text": (b'{"id": "a", "text": ""}\n', ["data.jsonl:1 row 1 text: expected text, got nothing"]),
    "another encoding": (
        '{"id": "a", "text": "für"}\n'.encode("latin-1"),
        ["expected UTF-8, got byte 0xfc", "Save the file"],
    ),
    "UTF-16": ('{"id": "a"}'.encode("utf-16"), ["got UTF-16"]),
    "broken JSON": (b'{"id": "a", "text": "x"}\n{"id": \n', ["data.jsonl:2 row 2: expected one JSON object"]),
    "nothing": (b"", ["got an empty file"]),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_are_refused_with_place_and_remedy(quorum: Run, tmp_path: Path, name: str) -> None:
    data, words = BAD_DATA[name]
    write_project(tmp_path, ROWS, gold="")
    (tmp_path / "data.jsonl").write_bytes(data)
    refused(quorum("votes"), *words)


def test_an_unknown_class_in_gold_is_refused(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, [*ROWS, {"id": "x", "text": "some", "label": "Bil"}])
    refused(
        quorum("votes"),
        'data.jsonl:41 row 41 label: expected a class or nothing, got "Bil".',
        "Did you mean BILL?",
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def broken(:\n", ["functions.py:1: SyntaxError", "Mend the file."]),
        ("import re\nx = 1 / 0\n", ["functions.py:2: ZeroDivisionError", "Mend the file."]),
        ("import no_such_module_anywhere\n", ["functions.py:1: ModuleNotFoundError"]),
        ("x = 1\n", ["no labelling function in it", "@labeling_function"]),
    ],
)
def test_functions_that_do_not_load_are_refused(
    quorum: Run, tmp_path: Path, source: str, words: list[str]
) -> None:
    write_project(tmp_path, ROWS, functions=source)
    refused(quorum("run"), *words)


REFUSED = """

@labeling_function(examples=[("a box", "SHIP")])
def box(item):
    return None
"""


def test_a_function_that_is_refused_is_told_once(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, ROWS, functions=FUNCTIONS + REFUSED)
    told = "box does not vote: fails an example: 'a box': expected SHIP, got None"
    first = quorum("votes")
    assert (first.stdout.count(told), first.stderr.count(told)) == (1, 0)
    [box] = [v for v in one_object(quorum("votes", "--json"))["voters"] if v["name"] == "box"]
    assert box["refused"] in told
    assert quorum("run").stderr.count(told) == 1


def test_doctor_tells_a_dev_split_that_nobody_can_use_yet(quorum: Run, tmp_path: Path) -> None:
    share = "dev: {share: 0.2}"
    for gold, more, said in (
        ("", "", "no share is set aside\n"),
        ("", share, "20.0% of the texts are set aside for writing functions; it only helps once there are"),
        ("gold: {column: label}", share, "20.0% of the texts are set aside for writing functions\n"),
    ):
        write_project(tmp_path, ROWS, gold=gold, more=more)
        assert f"ok   dev split: {said}" in quorum("doctor").stdout


def test_arguments_that_make_no_sense_are_refused(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, ROWS)
    refused(quorum("explain", "r1"), "Run `quorum run` first.")
    refused(quorum("export", "--out", "o.csv"), "Run `quorum run` first.")
    quorum("run")
    refused(quorum("simulate", "--gold", "label", "--labels", "0"), "--labels")
    refused(quorum("simulate", "--gold", "lable", "--labels", "5"), "lable")
    refused(quorum("simulate", "--labels", "5"), "--gold")
    refused(quorum("explain", "nobody"), 'no row has the id "nobody"')
    refused(quorum("export", "--out", "o.xlsx"), "--out o.xlsx", ".parquet")
    refused(quorum("export"), "--out")
    refused(quorum("run", "no-such.yaml"), "no-such.yaml: expected a config", "There are small.yaml")
    refused(quorum("rnu"), "rnu")


def test_gates_refuse_with_three(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, ROWS)
    quorum("run")
    refused(quorum("export", "--certified", "--out", "o.csv"), "no certificate holds", code=3)
    result = quorum("certify")
    assert result.exit_code == 3
    assert "no test yet, and none of delta spent" in result.stdout
    assert one_object(quorum("certify", "--json"))["passed"] is False


def test_no_config_at_all_and_several(quorum: Run, tmp_path: Path) -> None:
    refused(quorum("votes"), "expected a config, got none. Write one with quorum init NAME.")
    for name in "ab":
        quorum("init", name)
    refused(quorum("votes"), "expected one config, got configs/a.yaml, configs/b.yaml. Name one of them.")
    assert quorum("votes", "b").exit_code == 0


def test_classes_that_changed_since_the_round_are_said(quorum: Run, tmp_path: Path) -> None:
    config = write_project(tmp_path, ROWS)
    quorum("run")
    config.write_text(config.read_text().replace("  - name: BILL\n", "  - name: BILL\n  - name: NEW\n"))
    refused(quorum("export", "--out", "o.csv"), "the classes changed since round 1. Run `quorum run`.")
    refused(quorum("explain", "r1"), "the classes changed since round 1. Run `quorum run`.")
    assert one_object(quorum("run", "--json"))["calls"]["ran"] == 0
    assert quorum("export", "--out", "o.csv").exit_code == 0


def test_a_fault_of_the_program_is_one_line(
    quorum: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise AssertionError("never thought of")

    write_project(tmp_path, ROWS)
    monkeypatch.setattr(voting, "analyse_votes", breaks)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    result = quorum("votes")
    refused(result, "a fault of the program, not of your input: AssertionError: never thought of", code=1)
    assert result.stderr.count("\n") == 1


def test_an_interrupt_is_said_and_the_next_run_goes_on(
    quorum: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    write_project(tmp_path, ROWS)
    with monkeypatch.context() as patch:
        patch.setattr("labeling.rounds.turn.challenge", stops)
        refused(quorum("run"), "stopped; what was done is kept", code=130)
    assert one_object(quorum("run", "--json"))["calls"] == {"ran": 0, "cached": 160}


def test_a_place_that_cannot_be_written_is_said(quorum: Run, tmp_path: Path) -> None:
    write_project(tmp_path, ROWS)
    quorum("run")
    (tmp_path / "file").write_text("in the way")
    refused(quorum("export", "--out", "file/o.csv"), "file", "Check the path", code=1)


def test_faults_of_functions_are_counted_and_shown(quorum: Run, tmp_path: Path) -> None:
    functions = FUNCTIONS.replace(
        '    return "SHIP" if "courier" in item.text else None',
        "    return item.nothing if item.text.endswith(' 7') else None",
    )
    write_project(tmp_path, ROWS, functions=functions)
    voters = {v["name"]: v for v in one_object(quorum("votes", "--json"))["voters"]}
    assert (voters["courier"]["faults"], voters["money"]["faults"]) == (1, 0)
    shown = quorum("votes")
    assert shown.exit_code == 0
    assert "courier: first fault on row r7:" in shown.stdout
    assert "item has no field 'nothing'; it has text" in shown.stdout


def test_no_row_is_left_out_of_an_export(quorum: Run, tmp_path: Path) -> None:
    copies = [{**r, "id": f"copy of {r['id']}"} for r in ROWS[:5]]
    write_project(tmp_path, [*ROWS, *copies])
    quorum("run")
    write_rows(tmp_path, [*ROWS, *copies, {"id": "late", "text": "a late parcel", "label": "SHIP"}])
    quorum("export", "--out", "o.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [*(r["id"] for r in [*ROWS, *copies]), "late"]
    late = lines[-1]
    assert (late["label"], late["route"], late["p:SHIP"]) == (None, "hold", None)
    assert late["reason"] == "new or edited since round 1"
    [(voter, cast)] = json.loads(lines[0]["voters"]).items()
    assert (voter, cast["vote"], len(cast["version"])) == ("money", "BILL", 12)
