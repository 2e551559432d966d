"""`quorum llm` through the command line, against a server that speaks the Messages API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labeling.cli import commands
from tests.llm_projects import CUE, MODEL, NEAREST, PRIVATE, PROMPT, truthful, write_llm_project
from tests.messages_http import HTTPRequest, HTTPResponse
from tests.messages_model import answering, last_turn
from tests.messages_server import KEY, MessagesServer
from tests.projects import small_rows

Run = Callable[..., Result]


@dataclass
class ListeningServer(MessagesServer):
    """Keeps every byte that it receives."""

    received: list[bytes] = field(default_factory=list)

    async def handle(self, request: HTTPRequest) -> HTTPResponse:
        self.received += [f"{request.method} {request.path} {request.headers}".encode(), request.body]
        return await super().handle(request)


@pytest.fixture
def quorum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands.main, arguments)

    return run


@pytest.fixture
def server() -> Iterator[ListeningServer]:
    with ListeningServer(answer=truthful) as running:
        yield running


def one_object(result: Result, code: int = 0) -> dict[str, Any]:
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert result.stdout.count("\n") == 1, result.stdout
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


def messages(server: MessagesServer) -> int:
    return server.calls.get("messages", 0)


def test_plan_then_run_then_nothing_is_left(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    write_llm_project(tmp_path, server.url)
    plan = one_object(quorum("llm", "plan", "--json"))
    assert (plan["rows"], plan["items"], plan["requests"], plan["cached"]) == (20, 20, 20, 0)
    assert plan["tokens"]["input"] > 20 * 100
    assert plan["voters"][0]["counted"] == "counted by the server on a sample"
    assert 0 < plan["cost"] < plan["voters"][0]["most"]
    assert (plan["spent"], plan["abstained"], plan["left_out"]) == (0.0, {}, [])
    assert messages(server) == 0

    done = one_object(quorum("llm", "run", "--json"))
    assert (done["items"], done["requests"], done["answered"], done["cached"]) == (20, 20, 20, 0)
    assert done["tokens"]["input"] == sum(row["input_tokens"] for row in server.billed)
    assert plan["tokens"]["input"] == pytest.approx(done["tokens"]["input"], rel=0.02)
    assert done["cost"] == done["spent"] > 0
    assert done["abstained"] == {"abstain": 6}
    assert messages(server) == 20

    again = one_object(quorum("llm", "run", "--json"))
    assert (again["requests"], again["cached"], again["cost"]) == (0, 20, 0.0)
    assert (again["spent"], again["abstained"]) == (done["spent"], {"abstain": 6})
    assert messages(server) == 20
    left = one_object(quorum("llm", "plan", "--json"))
    assert (left["requests"], left["cached"], left["cost"]) == (0, 20, 0.0)
    assert (left["spent"], left["abstained"]) == (done["spent"], {"abstain": 6})


def test_answers_vote_without_key_or_server(
    quorum: Run, server: ListeningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_llm_project(tmp_path, server.url)
    one_object(quorum("llm", "run", "--json"))
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with server.refusing():
        votes = one_object(quorum("votes", "--json"))
        assert one_object(quorum("llm", "run", "--json"))["cached"] == 20
        assert one_object(quorum("llm", "plan", "--json"))["requests"] == 0
    [voter] = [v for v in votes["voters"] if v["name"] == f"desk@{MODEL}"]
    assert (voter["ran"], voter["cached"], voter["unasked"]) == (0, 20, 0)
    assert (voter["coverage"], voter["accuracy"], voter["abstained"]) == (0.7, 1.0, {"abstain": 6})
    assert votes["left_out"] == []


def test_a_model_without_answers_is_left_out_with_one_line(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url)
    line = f"desk@{MODEL}: no answers yet; `quorum llm run` asks for them"
    for _ in range(2):
        result = quorum("votes")
        assert result.exit_code == 0
        assert result.output.count(line) == 1
    report = quorum("run", "--json")
    assert line in report.stderr
    assert one_object(report)["unasked"] == {}
    assert [v["name"] for v in one_object(quorum("votes", "--json"))["voters"]] == [
        "money",
        "parcel",
        "courier",
        "fire",
    ]
    assert server.received == []


def test_answers_that_arrive_change_votes_and_round_and_nothing_else_does(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url)
    before = one_object(quorum("run", "--json"))
    assert one_object(quorum("run", "--json"))["repeated"]
    one_object(quorum("votes", "--json"))
    one_object(quorum("llm", "plan", "--json"))
    assert one_object(quorum("run", "--json"))["repeated"]
    one_object(quorum("llm", "run", "--json"))
    after = one_object(quorum("run", "--json"))
    assert (before["round"], after["round"], after["repeated"]) == (1, 2, False)
    assert one_object(quorum("votes", "--json"))["covered"] == 14
    one_object(quorum("llm", "run", "--json"))
    assert one_object(quorum("run", "--json"))["repeated"]


def test_items_without_an_answer_are_said_in_one_line(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    config = write_llm_project(tmp_path, server.url)
    one_object(quorum("llm", "run", "--json"))
    write_llm_project(tmp_path, server.url, n=25)
    assert config.is_file()
    said = f"desk@{MODEL}: 5 items have no answer yet; `quorum llm run` asks for them"
    assert said in quorum("run").stdout
    assert said in quorum("votes").stdout
    assert one_object(quorum("run", "--json"))["unasked"] == {f"desk@{MODEL}": 5}
    plan = one_object(quorum("llm", "plan", "--json"))
    assert (plan["requests"], plan["cached"]) == (5, 20)


def test_what_is_private_reaches_no_server(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    rows = [{**row, "label": row["label"] if i < 12 else None} for i, row in enumerate(small_rows(20))]
    write_llm_project(
        tmp_path,
        server.url,
        prompts={"desk.md": PROMPT, "fire.md": CUE, "near.md": NEAREST},
        rows=rows,
        gold="gold: {column: label, use: seed}",
    )
    assert PRIVATE in (tmp_path / "data.jsonl").read_text()
    for command in (["plan"], ["run"], ["show", "r3"], ["run", "--renew-examples"], ["suggest"]):
        result = quorum("llm", *command)
        assert result.exit_code == 0, result.output
        assert PRIVATE not in result.output
        assert "phone" not in result.stdout
    seen = b"".join(server.received)
    assert b"parcel with the" in seen
    assert PRIVATE.encode() not in seen
    assert b"phone" not in seen


def test_a_prompt_that_names_a_private_field_is_refused(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    prompt = PROMPT.replace("kind: codebook", "kind: codebook\nfields: [text, phone]")
    write_llm_project(tmp_path, server.url, prompts={"desk.md": prompt})
    for command in (["llm", "plan"], ["llm", "run"], ["votes"]):
        refused(quorum(*command), "prompts/desk.md:", "fields[1]", "private fields are never sent")
    assert server.received == []


def test_the_key_stands_nowhere(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    write_llm_project(tmp_path, server.url)
    server.fail("401")
    said = [quorum("llm", *command).output for command in (["plan"], ["run"], ["run"], ["show", "r1"])]
    said.append(quorum("doctor").output)
    assert KEY not in "".join(said)
    kept = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if KEY.encode() in path.read_bytes()]


def test_nothing_is_sent_before_the_config_says_yes(
    quorum: Run, server: ListeningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_llm_project(tmp_path, None, section="budget: 1.0")
    refused(quorum("llm", "run"), "small.yaml:", "voters[0].llm.consent:", "Write consent: true.")
    plan = one_object(quorum("llm", "plan", "--json"))
    [voter] = plan["voters"]
    assert voter["counted"] == "estimated from the texts' lengths"
    assert voter["remarks"] == ["nothing may be sent yet: the config has no consent: true"]
    assert plan["cost"] > 0
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    write_llm_project(tmp_path, None, section="budget: 1.0, consent: true")
    refused(quorum("llm", "run"), "ANTHROPIC_API_KEY", code=1)
    unkeyed = one_object(quorum("llm", "plan", "--json"))
    assert unkeyed["requests"] == plan["requests"]
    assert "ANTHROPIC_API_KEY" in unkeyed["voters"][0]["remarks"][0]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (
            "consent: true",
            ["voters[0].llm.budget:", "what may be spent on claude-haiku-4-5", "Write budget: 5.00"],
        ),
        (
            "model: strange, consent: true, budget: 1",
            ["llm.model: strange has no price", "configs/prices.yaml"],
        ),
        ("model: strange, consent: true", ["llm.budget:", "has no price, so no budget can be held"]),
    ],
)
def test_what_may_be_spent_has_to_be_said(
    quorum: Run, tmp_path: Path, section: str, words: list[str]
) -> None:
    def change(text: str) -> str:
        return text.replace(f"model: {MODEL}, ", "") if "model:" in section else text

    write_llm_project(tmp_path, None, section=section, change=change)
    refused(quorum("llm", "run"), *words)


def test_a_model_without_a_price_runs_on_a_server_of_ones_own(quorum: Run, tmp_path: Path) -> None:
    def change(text: str) -> str:
        return text.replace(MODEL, "llama3")

    with ListeningServer(answer=truthful, kind="ollama") as server:
        write_llm_project(tmp_path, server.url, change=change)
        plan = one_object(quorum("llm", "plan", "--json"))
        done = one_object(quorum("llm", "run", "--json"))
    assert (plan["cost"], plan["spent"], plan["voters"][0]["price"]) == (None, None, None)
    assert plan["tokens"]["input"] > 0
    assert "its server counts no tokens" in plan["voters"][0]["remarks"][0]
    assert (done["requests"], done["cost"], done["spent"]) == (20, None, None)
    assert "has no price, so its budget is not counted" in done["voters"][0]["remarks"][0]


def test_the_budget_is_a_hard_cap_and_all_is_kept(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url, section="budget: 0.012, in_flight: 1")
    stopped = quorum("llm", "run", "--json")
    report = one_object(stopped, 3)
    assert 0 < report["answered"] < 20
    assert report["spent"] <= 0.012
    assert "budget of $0.01" in report["stopped"][0]
    assert "raise `budget`" in " ".join(stopped.stderr.split())
    votes = one_object(quorum("votes", "--json"))
    assert [v["cached"] for v in votes["voters"] if "@" in v["name"]] == [report["answered"]]
    write_llm_project(tmp_path, server.url, section="budget: 1.0")
    rest = one_object(quorum("llm", "run", "--json"))
    assert (rest["requests"], rest["cached"]) == (20 - report["answered"], report["answered"])
    assert messages(server) == 20


def test_batches_cost_half(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    write_llm_project(tmp_path, server.url, section="budget: 5, mode: batch")
    plan = one_object(quorum("llm", "plan", "--json"))
    [voter] = plan["voters"]
    assert (voter["mode"], voter["seconds"], voter["saves"]["batch"]) == ("batch", None, None)
    assert "a batch may take a day" in quorum("llm", "plan").stdout
    done = one_object(quorum("llm", "run", "--json"))
    assert (done["answered"], done["abstained"]) == (20, {"abstain": 6})
    assert messages(server) == 0
    tokens = done["tokens"]
    assert done["cost"] == pytest.approx((tokens["input"] + 5 * tokens["output"]) / 2e6)
    assert one_object(quorum("llm", "run", "--json"))["cached"] == 20


def test_a_server_without_batches_says_so(quorum: Run, tmp_path: Path) -> None:
    with ListeningServer(answer=truthful, kind="vllm") as server:
        write_llm_project(tmp_path, server.url, section="budget: 5, mode: batch")
        result = quorum("llm", "run")
        assert result.exit_code == 2, result.output
        assert "takes no batches" in " ".join(result.stderr.split())
        assert server.billed == []


def test_abstentions_are_counted_by_reason_and_class(quorum: Run, tmp_path: Path) -> None:
    said = iter(
        [
            answering("SHIP", "no such words"),
            answering("SHIP", "no such words"),
            answering("HAT", "refund"),
            answering("HAT", "refund"),
            "no JSON at all",
            "no JSON at all",
            *[answering("ABSTAIN")] * 20,
        ]
    )
    with ListeningServer(answer=lambda _: next(said)) as server:
        write_llm_project(tmp_path, server.url, n=5, section="budget: 5, in_flight: 1")
        done = one_object(quorum("llm", "run", "--json"))
        shown = quorum("llm", "run").stdout
    expected = {"abstain": 2, "invalid_label": 1, "no_evidence": 1, "unreadable": 1}
    assert done["abstained"] == expected
    assert done["requests"] == 8
    assert done["voters"][0]["abstained_by_class"] == {"SHIP": {"no_evidence": 1}}
    assert "named SHIP all the same: no evidence 1" in shown
    votes = quorum("votes").stdout
    assert f"desk@{MODEL} abstains: abstain 2, invalid label 1, no evidence 1, unreadable 1" in votes


def test_show_tells_what_was_sent_and_what_came_back(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url, prompts={"desk.md": PROMPT, "fire.md": CUE})
    [desk, _] = one_object(quorum("llm", "show", "r3", "--json"))["voters"]
    assert (desk["outcome"], desk["calls"], desk["cost"]) == (None, [], None)
    one_object(quorum("llm", "run", "--json"))
    shown = one_object(quorum("llm", "show", "small.yaml", "r3", "--json"))
    assert shown["fields"] == {"text": "parcel with the strip lamp 3"}
    [desk, fire] = shown["voters"]
    assert (desk["voter"], desk["outcome"], desk["vote"]) == (f"desk@{MODEL}", "vote", "SHIP")
    assert (desk["evidence"], desk["confidence"]) == ("parcel", 0.95)
    [call] = desk["calls"]
    assert (call["status"], json.loads(call["answer"])["label"]) == ("answered", "SHIP")
    assert call["cost"] == desk["cost"] > 0
    assert "parcel with the strip lamp 3" in desk["asked"][0]["text"]
    assert any(
        desk["system"] in row.decode() or json.dumps(desk["system"]) in row.decode()
        for row in server.received
    )
    assert (fire["outcome"], fire["vote"]) == ("abstain", None)
    assert shown["cost"] == pytest.approx(desk["cost"] + fire["cost"])
    said = quorum("llm", "show", "r3").stdout
    assert f"desk@{MODEL}: voted SHIP" in said
    assert f"fire@{MODEL}: abstained: sees none of the classes" in said
    refused(quorum("llm", "show", "r999"), 'no row has the id "r999"')
    refused(quorum("llm", "show"), "Missing argument 'ID'")


def test_explain_tells_evidence_confidence_and_cost(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url)
    one_object(quorum("llm", "run", "--json"))
    one_object(quorum("run", "--json"))
    [answer] = one_object(quorum("explain", "r3", "--json"))["prelabels"]
    assert (answer["voter"], answer["vote"], answer["evidence"]) == (f"desk@{MODEL}", "SHIP", "parcel")
    assert answer["confidence"] == 0.95
    assert answer["cost"] > 0
    assert f"desk@{MODEL} said SHIP, by «parcel», confidence 0.95 before recalibration, cost $" in (
        quorum("explain", "r3").stdout
    )


def test_agree_shows_pairs_and_groups(quorum: Run, tmp_path: Path) -> None:
    """Two prompts whose answers are the same, wrong for every third parcel; a cue that says another thing."""

    def stubborn(params: Mapping[str, Any]) -> str:
        item = last_turn(params).rpartition("<item-")[2]
        return answering("BILL", "parcel") if "parcel" in item and "3" in item else truthful(params)

    with ListeningServer(answer=stubborn) as server:
        prompts = {"desk.md": PROMPT, "again.md": PROMPT + "Once more.\n", "fire.md": CUE}
        write_llm_project(tmp_path, server.url, n=120, prompts=prompts)
        refused(quorum("llm", "agree"), "expected two voters to compare, got none", "no answers yet")
        one_object(quorum("llm", "run", "--json"))
        found = one_object(quorum("llm", "agree", "--json"))
        said = quorum("llm", "agree").stdout
    assert found["voters"] == [f"{name}@{MODEL}" for name in ("desk", "again", "fire")]
    assert (found["items"], found["gold"], len(found["pairs"])) == (120, 120, 3)
    [twins] = [p for p in found["pairs"] if {p["first"], p["second"]} == set(found["voters"][:2])]
    assert (twins["agree"], twins["same_wrong"]) == (1.0, 1.0)
    assert twins["both_wrong"] > twins["both_wrong_chance"] > 0
    assert any(set(found["voters"][:2]) <= set(group) for group in found["groups"])
    assert "for one voter" in said
    other = one_object(quorum("llm", "agree", "--voter", "money", "--voter", f"desk@{MODEL}", "--json"))
    assert other["voters"] == ["money", f"desk@{MODEL}"]
    refused(quorum("llm", "agree", "--voter", "mony"), "Did you mean money?")


def test_an_edited_prompt_is_asked_anew_and_the_others_are_not(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    prompts = {"desk.md": PROMPT, "fire.md": CUE}
    write_llm_project(tmp_path, server.url, prompts=prompts)
    assert one_object(quorum("llm", "run", "--json"))["requests"] == 40
    write_llm_project(tmp_path, server.url, prompts=prompts | {"fire.md": CUE + "Or fire?\n"})
    plan = one_object(quorum("llm", "plan", "--json"))
    assert [v["requests"] for v in plan["voters"]] == [0, 20]
    done = one_object(quorum("llm", "run", "--json"))
    assert (done["requests"], done["cached"]) == (20, 20)
    write_llm_project(tmp_path, server.url, prompts=prompts)
    assert one_object(quorum("llm", "run", "--json"))["requests"] == 0


def test_the_server_that_is_not_there_is_named(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    write_llm_project(tmp_path, server.url)
    with server.refusing():
        refused(quorum("llm", "run"), MODEL, "Start the server, or correct base_url", code=1)
        plan = one_object(quorum("llm", "plan", "--json"))
        doctor = one_object(quorum("doctor", "--json"), 1)
    assert plan["voters"][0]["counted"] == "estimated from the texts' lengths"
    [finding] = [f for f in doctor["findings"] if f["what"] == f"model {MODEL}"]
    assert not finding["ok"]
    assert one_object(quorum("llm", "run", "--json"))["answered"] == 20


@pytest.mark.parametrize(
    ("fault", "route", "words", "code"),
    [
        ("401", "models", ["Set ANTHROPIC_API_KEY to a key that is valid"], 2),
        ("403", "models", ["Use a key that may use this model"], 2),
        ("spend_limit", "messages", ["Raise the spend limit in the vendor's console"], 1),
        ("402", "messages", ["Add credit to the account"], 1),
    ],
)
def test_errors_that_none_will_do_better_with_stop_at_once(
    quorum: Run,
    server: ListeningServer,
    tmp_path: Path,
    fault: str,
    route: str,
    words: list[str],
    code: int,
) -> None:
    write_llm_project(tmp_path, server.url, section="budget: 5, in_flight: 1")
    server.fail(*[fault] * 3, route=route)
    result = quorum("llm", "run")
    assert result.exit_code == code, result.output
    said = " ".join(result.stderr.split())
    assert all(word in said for word in words), said
    assert messages(server) <= 1


def test_a_model_that_the_server_does_not_have(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    write_llm_project(tmp_path, server.url, change=lambda text: text.replace(MODEL, "claude-haiku-4-6"))
    refused(quorum("llm", "run"), "claude-haiku-4-6: no model here; there are claude-haiku-4-5, ")


def test_the_cache_is_looked_at_after_the_second_call(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url)
    said = f"desk@{MODEL}: caching does nothing here: the prefix is below the model's minimum"
    first = quorum("llm", "run")
    assert said in first.stderr
    assert said in first.stdout
    server.model.cache_minimum = 10
    write_llm_project(tmp_path, server.url, prompts={"fire.md": CUE})
    second = quorum("llm", "run", "--json")
    assert "caching" not in second.stderr
    assert one_object(second)["tokens"]["cache_read"] > 0


def test_the_plan_knows_the_rate_limit_after_a_run(
    quorum: Run, server: ListeningServer, tmp_path: Path
) -> None:
    write_llm_project(tmp_path, server.url)
    [before] = one_object(quorum("llm", "plan", "--json"))["voters"]
    assert (before["seconds"], before["seconds_by"]) == (None, None)
    assert "no rate limit was seen yet" in quorum("llm", "plan").stdout
    server.per_minute = 600
    one_object(quorum("llm", "run", "--json"))
    write_llm_project(tmp_path, server.url, prompts={"fire.md": CUE})
    [after] = one_object(quorum("llm", "plan", "--json"))["voters"]
    assert after["seconds_by"] == "the server's rate limit"
    assert after["seconds"] == pytest.approx(20 / 600 * 60, rel=0.01)


def test_prices_of_the_projects_own(quorum: Run, server: ListeningServer, tmp_path: Path) -> None:
    write_llm_project(tmp_path, server.url)
    plan = one_object(quorum("llm", "plan", "--json"))
    (tmp_path / "configs").mkdir()
    own = tmp_path / "configs" / "prices.yaml"
    own.write_text(f"as_of: 2026-11-20\nmodels:\n  {MODEL}: {{input: 100, output: 500}}\n")
    dear = one_object(quorum("llm", "plan", "small.yaml", "--json"))
    assert dear["cost"] == pytest.approx(100 * plan["cost"])
    assert dear["voters"][0]["price"] == "configs/prices.yaml, 2026-11-20"
    own.write_text("as_of: 2026-11-20\nmodels: {x: {input: cheap}}\n")
    refused(quorum("llm", "plan", "small.yaml"), "configs/prices.yaml:2 models.x.input", "output")
    assert quorum("votes", "small.yaml").exit_code == 0


def test_config_and_prompts_that_are_wrong(quorum: Run, tmp_path: Path) -> None:
    write_llm_project(tmp_path, "http://127.0.0.1:9", prompts={"desk.md": "---\nkind: cue\n---\n"})
    for command in (["llm", "plan"], ["llm", "run"], ["votes"], ["run"]):
        refused(quorum(*command), "prompts/desk.md:", "class: expected the class that yes means")
    (tmp_path / "prompts" / "desk.md").unlink()
    refused(quorum("llm", "plan"), "prompts/desk.md")
    write_llm_project(
        tmp_path,
        "http://127.0.0.1:9",
        change=lambda text: "\n".join(line for line in text.splitlines() if "llm:" not in line),
    )
    refused(quorum("llm", "plan"), "small.yaml:", "no language model is among the voters")
    refused(quorum("llm", "run"), "no language model is among the voters")


def test_ctrl_c_loses_no_answer_and_ends_in_words(server: ListeningServer, tmp_path: Path) -> None:
    server.latency = 0.2
    config = write_llm_project(tmp_path, server.url, section="budget: 5, in_flight: 2")
    command = [sys.executable, "-m", "labeling.cli", "llm", "run", str(config), "--json"]
    environment = {**os.environ, "ANTHROPIC_API_KEY": KEY}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    while len(server.billed) < 5:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert (stdout, "Traceback" in stderr) == ("", False)
    assert "the same command goes on from here" in stderr
    asked = len(server.billed)
    assert asked < 20
    server.latency = 0.0
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
    assert again.returncode == 0, again.stderr
    done = json.loads(again.stdout)
    assert (done["answered"], done["cached"], done["lost"]) == (20, asked, 0)
    assert len(server.billed) == 20


def test_doctor_says_what_the_server_can_do(
    quorum: Run, server: ListeningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_llm_project(tmp_path, server.url)
    said = quorum("doctor").stdout
    assert f"ok   model {MODEL}: {server.url} answers for {MODEL}; keeps to a schema" in said
    assert "1 prompts are whole" in said
    write_llm_project(tmp_path, None, section="budget: 1, consent: true")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    without = quorum("doctor")
    assert without.exit_code == 1
    assert f"BAD  model {MODEL}: ANTHROPIC_API_KEY" in without.stdout
    write_llm_project(tmp_path, None, section="budget: 1")
    assert "has no consent: true, so nothing is sent" in quorum("doctor").stdout
