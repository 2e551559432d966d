"""Clusters of uncovered texts."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.development import clusters
from labeling.development.clusters import MOST_CLUSTERS, TextCluster, cluster_texts, leftover, salient_terms

COLOURS = ["red", "green", "blue", "grey", "pink"]


def two_topics(n: int) -> list[str]:
    parcels = [f"the parcel never came {COLOURS[i % 5]}" for i in range(n)]
    return parcels + [f"login password fails {COLOURS[i % 5]}" for i in range(n // 2)]


def test_two_topics_are_two_clusters_with_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST_CLUSTERS", 2)
    first, second = cluster_texts(two_topics(20))
    assert (first.size, second.size) == (20, 10)
    assert {"parcel", "never came"} & set(first.terms)
    assert {"login", "password"} & set(second.terms)
    assert all(i < 20 for i in first.typical)
    assert all(i >= 20 for i in second.typical)
    assert len(first.typical) == 2


def test_the_typical_texts_are_those_near_the_centre() -> None:
    strays = ["parcel battery kitchen window", "parcel window battery kitchen"]
    [found] = cluster_texts([strays[0], *(f"parcel came {colour}" for colour in COLOURS[:4]), strays[1]])
    assert found.size == 6
    assert not {0, 5} & set(found.typical)


def test_the_same_seed_gives_the_same_clusters() -> None:
    texts = two_topics(40)
    assert cluster_texts(texts, seed=3) == cluster_texts(texts, seed=3)


def test_many_texts_go_in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MANY", 10)
    found = cluster_texts(two_topics(40))
    assert sum(c.size for c in found) == 60
    assert len(found) <= MOST_CLUSTERS


@pytest.mark.parametrize(
    "texts",
    [[], ["alone"], ["", "!!!", "  "], ["one thing", "another matter"]],
    ids=["none", "one", "no words", "nothing in common"],
)
def test_texts_without_common_terms_belong_nowhere(texts: list[str]) -> None:
    assert cluster_texts(texts) == []


@pytest.mark.parametrize("texts", [["same words"] * 2, ["same words"] * 50])
def test_equal_texts_are_one_cluster(texts: list[str]) -> None:
    [found] = cluster_texts(texts)
    assert found.size == len(texts)


def cluster(size: int, cohesion: float) -> TextCluster:
    return TextCluster(size, ("a",), (0,), cohesion)


def test_more_than_half_that_hold_together_least_are_left_over() -> None:
    mixture, topic = cluster(60, 0.1), cluster(30, 0.5)
    assert leftover([mixture, topic], 100) is mixture
    assert leftover([mixture, topic], 120) is None, "half is not more than half"
    assert leftover([cluster(60, 0.9), topic], 100) is None, "many alike are a group"
    assert leftover([mixture], 60) is None, "there is no other"
    assert leftover([], 0) is None


def test_a_mixture_among_topics_is_left_over() -> None:
    rng = np.random.default_rng(0)
    words = [f"word{i}" for i in range(300)]
    mixture = [" ".join(rng.choice(words, 3, replace=False)) for _ in range(100)]
    found = cluster_texts([*two_topics(40), *mixture])
    left = leftover(found, 160)
    assert left is not None
    assert left is found[0]
    assert all(cluster.cohesion > left.cohesion for cluster in found[1:])


def test_salient_terms_weigh_more_than_elsewhere() -> None:
    terms = np.array(["a", "b", "c"], dtype=object)
    lead = salient_terms(np.array([0.5, 0.9, 0.1]), np.array([0.4, 0.2, 0.3]), terms)
    assert lead == ("b", "a")
    assert salient_terms(np.array([0.5, 0.9, 0.1]), np.zeros(3), terms, most=1) == ("b",)
