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
from labeling.rounds.batches import audit_room
from tests.benchmarks.budget import BATCH, LABELS, MOST, TARGETS
from tests.benchmarks.certificates import AUDITED, COLUMNS, FLOORS, REVIEWED, SEEDS

PAGE = (Path(__file__).parents[2] / "docs" / "certificates.md").read_text(encoding="utf-8")
SIDE_BY_SIDE = 15
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
    more = ": a `routing.audit` of about 566"
    assert planned(200).describe(1.8) == planned(200).describe() + more
    assert planned(400).describe(1.8) == planned(400).describe()


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
        assert fewest < total < AUDITED + SIDE_BY_SIDE * BATCH


def test_side_by_side_takes_as_many_rounds_as_told() -> None:
    unasked = [AUDITED]
    while unasked[-1]:
        unasked.append(unasked[-1] - audit_room(BATCH, 0, unasked[-1]))
    assert len(unasked) - 1 == SIDE_BY_SIDE
    told = f"{SIDE_BY_SIDE} rounds ask for an audit of {AUDITED} and {SIDE_BY_SIDE * BATCH} review answers"
    assert told in BUDGET


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


def test_projects_kept_their_promises() -> None:
    lines = POWER.partition("<!-- projects: begin -->\n")[2].partition("<!--")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {name for name, *_ in rows} == {"youtube", "imdb_llm", "agnews", "trec"}
    for _, _, _, projects, answers, accepted, broken, untrue in rows:
        n = int(projects)
        most = n * 0.05 + 3 * np.sqrt(n * 0.05 * 0.95)
        assert int(broken.split()[0]) <= most
        assert int(untrue) <= most + 0.05 * n
        assert int(answers) == 400
        assert 0 <= float(accepted) < 1
