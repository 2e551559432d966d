"""How probable the classes of a released label are, and who said what of it."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labeling.end_model.lessons import Answers
from labeling.end_model.reading import answers_by_content, labels_by_content, target_of
from tests.release_contents import CLASSES, content_digest_of, contents

NAMES = ["A", "B", "C"]


def test_a_certified_label_is_as_sure_as_its_scorer() -> None:
    scores = np.array([0.1, 0.9, 0], dtype=np.float32)
    found = target_of("B", "certified", Answers(), scores, NAMES)
    np.testing.assert_allclose(found, [0.1, 0.9, 0], atol=1e-6)


def test_a_persons_label_is_as_sure_as_the_answers() -> None:
    said = Answers(Counter(A=1, B=3))
    assert target_of("B", "human", said, None, NAMES).tolist() == [0.25, 0.75, 0]
    # Weighed answers may amount to what few people said.
    assert target_of("A", "human", said, None, NAMES).tolist() == [1, 0, 0]
    assert target_of("C", "human", Answers(), None, NAMES).tolist() == [0, 0, 1]


def test_a_known_label_is_certain() -> None:
    scores = np.array([0.9, 0.1, 0])
    assert target_of("B", "known", Answers(Counter(A=1, B=3)), scores, NAMES).tolist() == [0, 1, 0]


@given(
    st.sampled_from([*NAMES, None]),
    st.sampled_from(["certified", "human", "known"]),
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 5)),
    st.none() | st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(np.array),
)
def test_classes_sum_to_one(
    label: str | None, source: str, said: dict[str, int], scores: np.ndarray | None
) -> None:
    found = target_of(label, source, Answers(Counter(said)), scores, NAMES)
    assert abs(found.sum() - (label is not None)) < 1e-9
    assert (found >= 0).all()


def test_answers_and_labels_by_content() -> None:
    release = contents(
        [("1", "x", "SPAM", "human"), ("2", "x", "SPAM", "human"), ("3", "y", None, None)],
        answers=[("x", "ann", "SPAM"), ("x", "bob", "HAM"), ("x", "cat", None), ("y", "ann", "OLD")],
    )
    x, y = (content_digest_of(text).hex() for text in "xy")
    assert labels_by_content(release) == {x: ("SPAM", "human"), y: (None, None)}
    found = answers_by_content(release)
    assert found[x] == Answers(Counter(SPAM=1, HAM=1), {"review"})
    assert found[y] == Answers(Counter(), {"review"}), f"OLD is none of {CLASSES}"
