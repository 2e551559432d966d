"""Cross-validation on gold: nobody is measured on what they learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from labeling.end_model.held_out import FOLDS, MEASURED_FROM, measure_on_gold, out_of_fold
from labeling.end_model.lessons import Answers, Lesson, Lessons
from labeling.types import Floats, TextModel


def gold(i: int, lane: str = "review", text: str | None = None) -> Lesson:
    text = text or f"word{i}"
    answers = Answers(Counter({str(i % 2): 1}), {lane})
    return Lesson(text, text.casefold(), i % 2, "human", np.eye(2)[i % 2], answers)


class Memory:
    """A trainer that knows by heart what it was shown: of that it is right, of all else undecided."""

    def __init__(self) -> None:
        self.shown: list[set[str]] = []

    def __call__(self, texts: Sequence[str], targets: Floats) -> TextModel:
        self.shown.append({*texts})
        terms = sorted({*texts})
        weights = np.array([targets[texts.index(t)] for t in terms], np.float32).reshape(-1, 2) * 100
        part = {"analyzer": "word", "lowercase": False}
        arrays = {
            "idf_0": np.ones(len(terms), np.float32),
            "weights": weights,
            "intercept": np.zeros(2, np.float32),
        }
        return TextModel([part], [terms], arrays)


def test_each_content_is_measured_by_models_that_have_not_seen_it() -> None:
    lessons = Lessons([gold(i) for i in range(30)])
    memory = Memory()
    assert (out_of_fold(memory, lessons) == 0.5).all()
    assert len(memory.shown) == FOLDS
    assert sorted(len(shown) for shown in memory.shown) == [24] * FOLDS


def test_equal_texts_are_in_one_fold() -> None:
    twice = [gold(i, text=text) for i in range(15) for text in (f"word{i}", f"WORD{i}")]
    certified = [
        Lesson(f"Word{i}", f"word{i}", i % 2, "certified", np.eye(2)[i % 2], Answers()) for i in range(15)
    ]
    memory = Memory()
    out_of_fold(memory, Lessons([*twice, *certified]))
    for shown in memory.shown:
        spellings = Counter(text.casefold() for text in shown)
        assert set(spellings.values()) == {3}


def test_answers_of_the_audit_are_measured_but_teach_nothing() -> None:
    audited = [gold(i, "audit") for i in range(30)]
    memory = Memory()
    found = measure_on_gold(memory, Lessons([*audited, *(gold(i) for i in range(30, 60))]))
    assert found is not None
    assert (found.n, found.how, found.stands_for) == (60, "cross-validation", 1)
    assert not set.union(*memory.shown) & {lesson.text for lesson in audited}


def test_probabilities_stand_in_the_order_of_the_contents() -> None:
    lessons = Lessons([gold(i) for i in range(30)])

    def by_text(texts: Sequence[str], targets: Floats) -> TextModel:
        terms = [f"word{i}" for i in range(30)]
        weights = np.stack([np.zeros(30), np.arange(30)], axis=1).astype(np.float32)
        arrays = {"idf_0": np.ones(30, np.float32), "weights": weights, "intercept": np.zeros(2, np.float32)}
        return TextModel([{"analyzer": "word"}], [terms], arrays)

    told = out_of_fold(by_text, lessons)[:, 1]
    assert (np.diff(told) >= 0).all()
    assert told[0] == 0.5 < told[29]


def test_few_labels_give_no_figures() -> None:
    lessons = Lessons([gold(i) for i in range(MEASURED_FROM - 1)])
    assert measure_on_gold(Memory(), lessons) is None
