"""Gold that is weighed: the rules, what they may not touch, and what is kept of it."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.gold import GoldLabel, gold_confidence, gold_labels
from labeling.pool.consensus import model_of, opinions_of, settle
from labeling.store import Store, model_opinions, open_store
from labeling.types import Annotation, LabelClass, LabelSchema, Lane

CLASSES = (LabelClass("HAM"), LabelClass("SPAM"))
WEIGHED = LabelSchema(CLASSES, "", "dawid_skene")
WITH_MODEL = LabelSchema(CLASSES, "", "with_model")
NAMES = ("HAM", "SPAM")


def gold_of(*answers: tuple[str, str, int], lane: Lane = Lane.REVIEW) -> dict[str, GoldLabel]:
    given = [
        (
            item,
            Annotation(
                f"{i}", item, who, NAMES[label], False, 1.0, None, "v", f"2026-01-01T00:00:{i % 60:02}Z"
            ),
        )
        for i, (item, who, label) in enumerate(answers)
    ]
    return gold_labels(given, {item: lane for item, _, _ in answers}, WEIGHED)


def careful_and_careless(items: int = 120) -> tuple[list[tuple[str, str, int]], list[int]]:
    """Two careful people, three who say anything; most of these answer the same items."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, items)
    told = []
    for i, label in enumerate(truth.tolist()):
        for j, care in enumerate((0.97, 0.95, 0.5, 0.5, 0.5)):
            if rng.random() < 0.8:
                told.append((f"i{i}", f"p{j}", label if rng.random() < care else 1 - label))
    return told, truth.tolist()


def right(gold: dict[str, GoldLabel], truth: list[int]) -> float:
    return float(np.mean([g.label == NAMES[truth[int(d[1:])]] for d, g in gold.items()]))


def test_weighed_gold_is_better_than_counted() -> None:
    told, truth = careful_and_careless()
    counted = gold_of(*told)
    weighed = settle(counted, WEIGHED, {})
    assert right(weighed, truth) > right(counted, truth) + 0.1
    assert all(g.confidence is not None and 0 < g.confidence <= 1 for g in weighed.values())
    assert all(g.said and {who for who, _ in g.said} == set(g.annotators) for g in weighed.values())


def test_counting_is_left_as_it_is() -> None:
    gold = gold_of(("a", "x", 0), ("a", "y", 0))
    assert settle(gold, LabelSchema(CLASSES), {"a": {"HAM": 0.0, "SPAM": 1.0}}) is gold
    assert gold["a"].sure == gold["a"].agreement == 1
    assert gold["a"].confidence is None


def test_an_audit_item_keeps_its_own_answers() -> None:
    told, _ = careful_and_careless()
    audited = gold_of(("z", "p0", 0), ("z", "p4", 1), lane=Lane.AUDIT)
    weighed = settle({**gold_of(*told), **audited}, WEIGHED, {"z": {"HAM": 1.0, "SPAM": 0.0}})
    assert weighed["z"] == audited["z"]
    assert weighed["z"].label is None


def test_a_tie_between_a_careful_and_a_careless_person_is_settled() -> None:
    told, _ = careful_and_careless()
    weighed = settle(gold_of(*told, ("z", "p0", 1), ("z", "p4", 0)), WEIGHED, {})
    assert weighed["z"].label == "SPAM"
    assert weighed["z"].agreement == 0.5
    assert weighed["z"].sure > 0.8


def test_a_single_answer_stands_whatever_a_model_says() -> None:
    told, _ = careful_and_careless()
    sure = {f"i{i}": {"HAM": 0.5, "SPAM": 0.5} for i in range(120)} | {"z": {"HAM": 0.999, "SPAM": 0.001}}
    alone = settle(gold_of(*told, ("z", "p0", 1)), WITH_MODEL, {})["z"]
    doubted = settle(gold_of(*told, ("z", "p0", 1)), WITH_MODEL, sure)["z"]
    assert doubted.label == alone.label == "SPAM"


def test_a_model_that_people_bear_out_settles_what_they_leave_open() -> None:
    told, truth = careful_and_careless()
    model = {f"i{i}": {"HAM": 0.95 - 0.9 * t, "SPAM": 0.05 + 0.9 * t} for i, t in enumerate(truth)}
    open_item = [("z", "p2", 0), ("z", "p3", 1)]
    for likely, name in ((0.99, "SPAM"), (0.01, "HAM")):
        said = {**model, "z": {"HAM": 1 - likely, "SPAM": likely}}
        assert settle(gold_of(*told, *open_item), WITH_MODEL, said)["z"].label == name


def test_nobody_answered() -> None:
    assert settle({}, WEIGHED, {}) == {}


def test_confidence_is_what_models_weigh_labels_by() -> None:
    told, _ = careful_and_careless()
    weighed = settle(gold_of(*told), WEIGHED, {})
    digests = sorted(weighed)
    expected = [weighed[d].confidence if weighed[d].label else 1.0 for d in digests]
    np.testing.assert_allclose(gold_confidence(weighed, digests), expected)


def test_what_models_say_is_kept_by_name(tmp_path) -> None:
    store: Store = open_store(f"sqlite:///{tmp_path}/s.db")
    told = opinions_of(["a", "b", "c"], np.array([2, 0]), np.array([[0.25, 0.75], [1.0, 0.0]]), WITH_MODEL)
    with store.write() as tx:
        model_opinions.replace(tx, {"gone": {"HAM": 1.0}})
        model_opinions.replace(tx, told)
        model_opinions.replace(tx, told)
    with store.read() as tx:
        assert model_opinions.read(tx) == {"c": {"HAM": 0.25, "SPAM": 0.75}, "a": {"HAM": 1.0, "SPAM": 0.0}}
    store.close()


def test_classes_that_came_later_are_improbable_to_an_older_model() -> None:
    more = LabelSchema((*CLASSES, LabelClass("EGGS")), "", "with_model")
    found = model_of(["a", "b"], more, {"a": {"HAM": 0.25, "SPAM": 0.75}})
    assert found[0] == pytest.approx([0.25, 0.75, 0], abs=1e-5)
    assert found[1] == pytest.approx([1 / 3] * 3)
