"""The command that replays the loop: its options, its JSON, its table, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labeling.cli.commands import main
from tests.projects import small_rows, write_project

PLAN = ("--gold", "label", "--labels", "20", "--batch", "10", "--jobs", "1")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_project(tmp_path_factory.mktemp("simulate"), small_rows(60), alpha=0.2))


def simulated(config: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["simulate", config, *PLAN, *more])


def found(config: str, *more: str) -> dict[str, Any]:
    result = simulated(config, "--json", *more)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_the_usual_arms_and_keys(config: str) -> None:
    result = found(config, "--audit", "10")
    assert list(result["curves"]) == ["quorum", "active_only", "random"]
    assert result.keys() >= {"violations", "seeds", "rows", "items", "gold_conflicts", "people", "saved"}
    assert result["saved"][0].keys() == {"arm", "against", "accuracy", "labels", "labels_against", "said"}
    step = result["curves"]["quorum"][0]
    assert step.keys() >= {
        "labels",
        "accuracy",
        "accuracy_std",
        "accepted",
        "accepted_error",
        "oracle_accepted",
    }


def test_arms_strategies_voters_and_people_are_chosen(config: str) -> None:
    more = ("--audit", "0", "--arms", "random, modal", "--strategy", "margin,entropy", "--voters", "money")
    result = found(config, *more, "--people", "noisy:0.2,slow:36")
    assert list(result["curves"]) == ["random", "modal", "quorum:margin", "quorum:entropy"]
    assert result["people"] == "people with 20% errors"
    assert result["saved"] == []


def test_people_may_come_from_a_file(config: str, tmp_path: Path) -> None:
    people = tmp_path / "people.yaml"
    people.write_text("confusion: {BILL: {SHIP: 1.0}, SHIP: {BILL: 1.0}}\n", encoding="utf-8")
    more = ("--audit", "0", "--arms", "random")
    turned = found(config, *more, "--people", str(people))["curves"]["random"][-1]["accuracy"]
    assert turned < found(config, *more)["curves"]["random"][-1]["accuracy"] - 0.2


def test_what_people_read(config: str, tmp_path: Path) -> None:
    result = simulated(config, "--audit", "10", "--plot", str(tmp_path / "c.png"), "--hours")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    for words in ("active only", "hindsight", "1 seeds, perfect people", "certificates broken: 0.0%"):
        assert words in said
    assert "quorum reaches" in said
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_shares_are_those_of_the_arm_with_an_audit(config: str) -> None:
    more = ("--labels", "50", "--audit", "25", "--arms")
    alone, second = (simulated(config, *more, arms).stdout for arms in ("quorum", "random,quorum"))
    shares = [[line.split()[-3:] for line in said.splitlines()[1:6]] for said in (alone, second)]
    assert shares[0] == shares[1]
    assert shares[0][-1][-1] != "0.0%"


def test_without_an_audit_there_is_no_word_of_certificates(config: str) -> None:
    said = simulated(config, "--audit", "0").stdout
    assert "hindsight" not in said
    assert "certificates" not in said


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (("--arms", "quorun"), "Did you mean quorum?"),
        (("--arms", ","), "got nothing"),
        (("--people", "drunk"), "'drunk'"),
        (("--people", "noisy:2"), "noisy"),
        (("--strategy", "magic"), "magic"),
        (("--voters", "nobody"), "'nobody'"),
        (("--jobs", "0"), "--jobs"),
    ],
)
def test_what_is_wrong_is_told(config: str, more: tuple[str, str], word: str) -> None:
    result = simulated(config, *more)
    assert result.exit_code == 2, result.output
    assert word in result.stderr
    assert result.stdout == ""
