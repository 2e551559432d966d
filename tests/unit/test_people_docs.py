"""The page on people says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeling.config.sections import PeopleConfig
from labeling.people import drift, effort, resampling, suspicion
from labeling.people.consensus import CONSENSUS
from labeling.team import report

PAGE = (Path(__file__).parents[2] / "docs" / "people.md").read_text(encoding="utf-8")
NUMBERS = {5: "a fifth", 3: "three", 8: "eight", 6: "six", 10: "ten"}


@pytest.mark.parametrize("rule", CONSENSUS)
def test_every_rule_is_on_the_page(rule: str) -> None:
    assert f"| `{rule}` |" in PAGE


@pytest.mark.parametrize("key", PeopleConfig.model_fields)
def test_every_key_is_on_the_page(key: str) -> None:
    assert f"`people.{key}`" in PAGE


def test_the_default_rules_are_those_of_the_registry() -> None:
    assert PeopleConfig().consensus in CONSENSUS
    assert PeopleConfig.model_validate({"consensus": "with_model"}).consensus in CONSENSUS


def test_intervals_are_as_the_page_has_them() -> None:
    assert f"({resampling.DRAWS:,} draws, fewer of more than" in PAGE
    assert f"{resampling.MOST_DRAWN // resampling.DRAWS:,} items)" in PAGE
    assert f"Under {NUMBERS[resampling.LEAST_ITEMS]} items" in PAGE


def test_limits_of_suspicion_are_those_of_the_code() -> None:
    assert f"from {suspicion.LEAST_JUDGED} judged answers on, kappa's interval ends under .25" in PAGE
    assert suspicion.NO_BETTER == 0.25
    assert f"by at least {NUMBERS[round(1 / suspicion.FAVOURED)]} of the answers" in PAGE
    assert (
        f"in over {suspicion.NEARLY_ALL:.0%} of at least {suspicion.LEAST_ANSWERS}".replace("%", " %") in PAGE
    )
    assert f"at least {NUMBERS[suspicion.LEAST_WRONG]} wrong ones" in PAGE
    assert suspicion.HASTE == 1 / 3
    assert "median under a third" in PAGE
    assert suspicion.SURE == drift.SURE == 0.99


def test_other_limits_are_those_of_the_code() -> None:
    assert f"at least {drift.LEAST_JUDGED} judged answers" in PAGE
    assert f"from a factor of {drift.NOTABLE} on" in PAGE
    assert f"more than {NUMBERS[int(effort.FENCE)]}\nquartile distances" in PAGE
    assert f"up to {NUMBERS[report.MOST_PERIODS]} parts of at least {report.PER_PERIOD}\nitems" in PAGE
