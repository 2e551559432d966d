"""The sections on power and budget say what the code does, with figures that come out again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from labeling.certificates import budget, reach, region
from labeling.certificates.budget import Need, split_answers
from labeling.certificates.planning import AuditPlan, plan_audit
from labeling.cli.display import split_line
from labeling.config.sections import RoutingConfig
from tests.benchmarks.budget import LABELS, MOST, TARGETS
from tests.benchmarks.certificates import AUDITED, COLUMNS, FLOORS, REVIEWED, SEEDS

PAGE = (Path(__file__).parents[2] / "docs" / "certificates.md").read_text(encoding="utf-8")
POWER = PAGE.partition("\n## Power\n")[2].partition("\n## ")[0]
BUDGET = PAGE.partition("\n## Budget\n")[2].partition("\n## ")[0]


def table(name: str, section: str) -> dict[str, list[str]]:
    """Give the cells of a table between its marks, by set."""
    lines = section.partition(f"<!-- {name}: begin -->\n")[2].partition("<!--")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells}


def planned(answers: int) -> AuditPlan:
    errors = np.random.default_rng(0).beta(0.16, 1.84, 5000)
    return plan_audit("dataset", errors, 5000, answers, 0.05, 0.03)


def test_the_outlooks_are_those_of_the_code() -> None:
    strict = plan_audit("selective", np.full(20_000, 0.004), 20_000, 150, 0.01, 0.05)
    hopeless = plan_audit("selective", np.full(1000, 0.2), 1000, 200, 0.05, 0.05)
    for plan in (planned(200), strict, hopeless):
        assert f"    {plan.describe()}\n" in POWER


def test_the_outlook_counts_texts_that_cannot_be_accepted() -> None:
    more = " (of texts that could be accepted; one of these takes 1.80 of `routing.audit`)"
    assert planned(200).describe(1.8) == planned(200).describe() + more


def test_the_rules_are_those_of_the_code() -> None:
    assert f"some {reach.STEPS + reach.BEYOND} prefixes" in " ".join(POWER.split())
    assert reach.INFLATIONS == (1.0, 1.5)
    assert region.WIDENED == 1.25
    assert (len(region.SHARES), region.SHARES[0]) == (8, 0.3)
    assert budget.CAREFUL == 1.25


def test_real_sets_reach_what_is_asked_of_them() -> None:
    told = table("power", POWER)
    assert set(told) == {"youtube", "imdb_llm", "agnews", "trec"}
    for name, floor in FLOORS.items():
        assert float(told[name][COLUMNS.index("dataset, drawn")]) >= floor
    assert f"learnt from {REVIEWED} review answers, and {AUDITED} audit answers" in " ".join(POWER.split())
    assert f"means of {SEEDS} scorers" in " ".join(POWER.split())


def test_the_budgets_add_up() -> None:
    told = table("budget", BUDGET)
    for name, target in TARGETS.items():
        share, review, audit, total, reached, fewest = map(float, told[name])
        assert share == target
        assert total == pytest.approx(review + audit, abs=1)
        assert review <= LABELS
        assert audit <= MOST
        assert 0.5 < reached <= 1
        assert fewest < total < 1200


def test_the_config_is_one() -> None:
    block = re.search(r"```yaml\n(.*?)```", BUDGET, re.DOTALL)
    assert block
    routing = RoutingConfig(**YAML(typ="safe").load(block[1])["routing"])
    assert (routing.target, routing.audit) == (0.9, 600)
    assert RoutingConfig().target is None


def test_the_split_is_told_as_shown() -> None:
    split = split_answers(Need(150, 280), [Need(100, 300)], 0.9, 60, 600, 50)
    line = split_line({**split.to_dict(), "review": 0, "audit": 50})
    assert f"    split       {line}\n" in BUDGET
