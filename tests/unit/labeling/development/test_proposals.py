"""From a model's answer to a file of functions: what is tried, taken, written, and what is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from labeling.config.sections import LLMConfig
from labeling.development.acceptance import LEAST_JUDGED
from labeling.development.material import MOST_LABELLED
from labeling.development.proposals import suggest_by_model
from labeling.errors import InputError, Unavailable
from labeling.pool.dev import dev_split
from labeling.pool.stored import stored_items
from labeling.project import Project
from labeling.rounds.live import turn
from labeling.spending import Asked
from labeling.types import CompletionAnswer, CompletionRequest, Lane, Usage
from tests.fakes import FakeQueue
from tests.llm_projects import MODEL, write_llm_project
from tests.projects import answer, gold_of, opened, small_rows, synced

SEEDED = "gold: {column: label, use: seed}"
FILE = "lfs/small_suggested.yaml"


BUILDERS = """
from lfs import keyword

money = keyword("refund", "invoice", label="BILL")
parcel = keyword("parcel", label="SHIP")
courier = keyword("courier", label="SHIP")
fire = keyword("smoke", label="FIRE")
"""


def words(name: str, label: str, *said: str) -> dict[str, Any]:
    given = {"label": label, "words": list(said), "whole_words": True, "case": False, "at_least": 1}
    return {"name": name, "reason": "because", "keyword": given}


MONEY_BACK = words("money_back", "BILL", "money back")
WHERE = words("where", "SHIP", "where is my")
WRONG = words("wrong", "BILL", "the")
AGAIN = words("again", "BILL", "refund the", "invoice for")
UNKNOWN = words("unknown", "LOST", "x")


class Model:
    """Answers with what it was given, and remembers what it was asked."""

    def __init__(self, *functions: Mapping[str, Any], text: str | None = None) -> None:
        self.functions: Sequence[Mapping[str, Any]] = functions
        self.text = text
        self.asked: list[CompletionRequest] = []

    def __call__(self, project: Project, llm: LLMConfig, asker: str, request: CompletionRequest) -> Asked:
        assert llm.model == request.model == MODEL
        assert asker == project.new_author(llm.model).version
        self.asked.append(request)
        text = self.text or json.dumps({"functions": list(self.functions)})
        return Asked(CompletionAnswer(text, "end_turn", Usage(1, 1), llm.model), 0.25)


Open = Callable[..., Project]


@pytest.fixture
def open_with(tmp_path: Path) -> Iterator[Open]:
    """Write and open a small project with a language model, of 300 rows."""
    managers = []

    def opens(gold: str = SEEDED, **options: Any) -> Project:
        config = write_llm_project(
            tmp_path, "http://127.0.0.1:9", n=300, gold=gold, functions=BUILDERS, **options
        )
        managers.append(opened(config))
        return managers[-1].__enter__()

    yield opens
    for manager in managers:
        manager.__exit__(None, None, None)


def written(project: Project) -> list[dict[str, Any]]:
    path = project.config.root / FILE
    return YAML(typ="safe").load(path.read_text("utf-8"))["functions"] if path.exists() else []


def test_what_the_rule_takes_is_written_with_its_provenance(open_with: Open) -> None:
    project, model = open_with(), Model(MONEY_BACK, WRONG, WHERE, AGAIN, UNKNOWN)
    report = suggest_by_model(project, ask=model)
    assert report.accepted == ("money_back", "where")
    assert [(p.name, p.objections) for p in report.proposals] == [
        ("money_back", ()),
        ("wrong", ("its accuracy may be 0.42, 0.7 is wanted",)),
        ("where", ()),
        ("again", ("money gives 100% of its votes already",)),
    ]
    assert [(d.name, d.problem.split(",")[0]) for d in report.dropped] == [
        ("unknown", "keyword.label: expected one of BILL")
    ]
    first, second = written(project)
    assert [first["name"], second["name"]] == ["money_back", "where"]
    assert first["keyword"] == MONEY_BACK["keyword"]
    record, trial = first["provenance"], report.proposals[0].trial
    assert record["by"] == MODEL
    assert record["accepted"] == "rule"
    assert record["proposed_from"] == report.proposed_from
    assert record["coverage"] == trial.coverage == pytest.approx(50 / 300, abs=1e-4)
    judged = trial.accuracy.judged
    assert record["gold"] == {"judged": judged, "right": judged, "interval": list(trial.interval)}
    assert judged > LEAST_JUDGED
    assert len(record["prompt"]) == len(record["request"]) == 12
    assert model.asked[0].digest.startswith(record["request"])
    assert (report.file, report.written, report.configured, report.cost) == (FILE, True, False, 0.25)
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()


def test_what_was_shown_does_not_judge(open_with: Open) -> None:
    project, model = open_with(), Model(MONEY_BACK)
    report = suggest_by_model(project, ask=model)
    shown = report.proposed_from["labelled"]
    [question] = model.asked[0].turns
    assert 30 <= shown <= MOST_LABELLED
    assert report.gold == 300 - shown
    in_question = sum("money back" in part for part in question.text.split("<item-")[1:])
    assert in_question > 0
    assert report.proposals[0].trial.accuracy.judged == 50 - in_question


def test_nothing_is_written_twice(open_with: Open) -> None:
    project = open_with()
    suggest_by_model(project, ask=Model(MONEY_BACK, WHERE))
    before = (project.config.root / FILE).read_bytes()
    renamed = {**MONEY_BACK, "name": "other"}
    report = suggest_by_model(project, ask=Model(MONEY_BACK, renamed, words("where", "SHIP", "where")))
    assert report.accepted == ()
    assert [(d.name, d.problem) for d in report.dropped] == [
        ("money_back", "is the same function as money_back"),
        ("other", "is the same function as money_back"),
        ("where", "its name is the name of another voter"),
    ]
    assert (project.config.root / FILE).read_bytes() == before


def test_one_function_under_two_names_is_one(open_with: Open) -> None:
    report = suggest_by_model(open_with(), ask=Model(MONEY_BACK, {**MONEY_BACK, "name": "other"}))
    assert [p.name for p in report.proposals] == ["money_back"]
    assert [(d.name, d.problem) for d in report.dropped] == [("other", "is the same function as money_back")]


def test_functions_of_the_file_count_though_the_config_does_not_name_it(open_with: Open) -> None:
    project = open_with()
    suggest_by_model(project, ask=Model(MONEY_BACK))
    report = suggest_by_model(project, ask=Model(words("back", "BILL", "money back for")))
    assert [p.objections for p in report.proposals] == [("money_back gives 100% of its votes already",)]


def test_names_of_voters_are_taken(open_with: Open) -> None:
    report = suggest_by_model(open_with(), ask=Model(words("parcel", "SHIP", "where")))
    assert [(d.name, d.problem) for d in report.dropped] == [
        ("parcel", "its name is the name of another voter")
    ]


def test_without_gold_the_rule_takes_nothing(open_with: Open) -> None:
    project = open_with("gold: {column: label, use: score}")
    report = suggest_by_model(project, ask=Model(MONEY_BACK, WHERE))
    assert (report.gold, report.accepted, report.written) == (0, (), False)
    assert [p.objections for p in report.proposals] == [("0 of its votes can be judged, 10 are wanted",)] * 2
    assert [p.trial.accuracy.share for p in report.proposals] == [None, None]
    assert written(project) == []


def test_a_dry_run_writes_nothing(open_with: Open) -> None:
    project = open_with()
    report = suggest_by_model(project, ask=Model(MONEY_BACK), dry_run=True)
    assert report.accepted == ("money_back",)
    assert not report.written
    assert not (project.config.root / "lfs").exists()


def test_a_person_takes_what_the_rule_would_not(open_with: Open) -> None:
    project, model = open_with("gold: {column: label, use: score}"), Model(MONEY_BACK, WRONG)
    suggest_by_model(project, ask=model)
    report = suggest_by_model(project, accept=["wrong"], person="ann", ask=model)
    assert len(model.asked) == 1
    assert (report.accepted, report.cost) == (("wrong",), 0.0)
    [entry] = written(project)
    assert entry["name"] == "wrong"
    assert entry["provenance"]["accepted"] == "person ann"
    assert entry["provenance"]["gold"] == {"judged": 0, "right": 0, "interval": [0.0, 1.0]}


def test_what_was_shown_last_is_what_a_person_takes(open_with: Open) -> None:
    project = open_with("gold: {column: label, use: score}")
    suggest_by_model(project, ask=Model(WHERE))
    suggest_by_model(project, ask=Model(MONEY_BACK))
    with pytest.raises(
        InputError, match="--accept where: expected the name of a proposal of the last answer"
    ):
        suggest_by_model(project, accept=["where"], ask=Model())
    assert suggest_by_model(project, accept=["money_back"], ask=Model()).accepted == ("money_back",)
    with pytest.raises(InputError, match="--accept money_back: is the same function as money_back"):
        suggest_by_model(project, accept=["money_back"], ask=Model())
    assert len(written(project)) == 1


def test_one_wrong_name_takes_nothing(open_with: Open) -> None:
    project = open_with("gold: {column: label, use: score}")
    suggest_by_model(project, ask=Model(MONEY_BACK, UNKNOWN))
    with pytest.raises(InputError) as refused:
        suggest_by_model(project, accept=["money_back", "mony_back", "unknown"], ask=Model())
    assert [p.split(".")[0] for p in refused.value.problems] == [
        "--accept mony_back: expected the name of a proposal of the last answer",
        "--accept unknown: keyword",
    ]
    assert "Did you mean money_back?" in refused.value.problems[0]
    assert written(project) == []


def test_taking_before_asking_says_what_to_do(open_with: Open) -> None:
    with pytest.raises(InputError, match="Ask for some: quorum llm suggest"):
        suggest_by_model(open_with(), accept=["a"], ask=Model())


def test_a_config_without_a_model_says_what_to_write(open_with: Open) -> None:
    def without(text: str) -> str:
        return "\n".join(line for line in text.splitlines() if "llm:" not in line)

    with pytest.raises(
        InputError, match=r"small\.yaml:\d+ voters: expected a language model to ask, got none"
    ):
        suggest_by_model(open_with(change=without), ask=Model())


@pytest.mark.parametrize("text", ["I refuse.", '{"functions": [', '{"functions": 3}'])
def test_an_answer_that_is_none_is_reported(open_with: Open, text: str) -> None:
    report = suggest_by_model(open_with(), ask=Model(text=text))
    assert [d.name for d in report.dropped] == ["the whole answer"]
    assert (report.proposals, report.written) == ((), False)


def test_slow_functions_are_dropped(open_with: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.development.trials.SLOWEST", 0.0)
    report = suggest_by_model(open_with(), ask=Model(MONEY_BACK))
    assert [d.problem for d in report.dropped] == ["takes too long for each character of a text"]


def test_a_failed_question_leaves_all_as_it_was(open_with: Open) -> None:
    project = open_with("gold: {column: label, use: score}")
    suggest_by_model(project, ask=Model(MONEY_BACK))

    def fails(*_: Any) -> Asked:
        raise Unavailable("no server")

    with pytest.raises(Unavailable, match="no server"):
        suggest_by_model(project, ask=fails)
    assert suggest_by_model(project, accept=["money_back"], ask=fails).accepted == ("money_back",)


def test_audit_answers_are_neither_shown_nor_judge(open_with: Open) -> None:
    project = open_with("gold: {column: label, use: score}", audit=60)
    queue, gold = FakeQueue(project.schema), gold_of(small_rows(300))
    turn(project)
    synced(project, queue)
    answered = answer(queue, gold, lanes=[Lane.AUDIT])
    synced(project, queue)
    assert answered
    model = Model(MONEY_BACK, WHERE)
    report = suggest_by_model(project, ask=model)
    assert (report.gold, report.proposed_from["labelled"]) == (0, 0)
    assert "<label-" not in model.asked[0].turns[0].text.partition("# ")[2]
    reviewed = answer(queue, gold, lanes=[Lane.REVIEW])
    synced(project, queue)
    report = suggest_by_model(project, ask=model)
    assert report.gold + report.proposed_from["labelled"] == len(reviewed) > 0


def test_the_dev_split_may_be_shown_and_judges(open_with: Open) -> None:
    project = open_with("gold: {column: label, use: score}", more="dev: {share: 0.5}")
    inside = int(dev_split(project, stored_items(project)).sum())
    report = suggest_by_model(project, ask=Model(MONEY_BACK, WHERE))
    assert report.gold + report.proposed_from["labelled"] == inside > 100
    assert report.accepted == ("money_back", "where")
