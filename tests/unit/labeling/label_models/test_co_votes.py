"""Co-vote counts: exact however they are counted, additive, and cheap to bring up to date."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.label_models import co_votes
from labeling.label_models.chunks import CELLS, in_threads, row_chunks
from labeling.label_models.co_votes import CoVotes, count_co_votes, one_hot
from labeling.label_models.counting import add_pairs, add_product, mirror, pairs_are_quicker, vote_codes
from labeling.types import VoteMatrix


def random_votes(n: int, m: int, k: int, seed: int, coverage: float = 0.5) -> VoteMatrix:
    rng = np.random.default_rng(seed)
    hard = np.where(rng.random((n, m)) < coverage, rng.integers(k, size=(n, m)), -1).astype(np.int8)
    return VoteMatrix(hard, tuple(f"v{j}" for j in range(m)), k)


def counted_plainly(votes: VoteMatrix) -> np.ndarray:
    indicators = one_hot(votes.hard, votes.n_classes).astype(np.int64)
    return indicators.T @ indicators


shapes = {
    "n": st.integers(1, 200),
    "m": st.integers(1, 9),
    "k": st.integers(2, 7),
    "seed": st.integers(0, 1000),
    "coverage": st.sampled_from([0.0, 0.05, 0.4, 1.0]),
}


@settings(max_examples=40, deadline=None)
@given(**shapes)
def test_counts_are_exact(n, m, k, seed, coverage):
    votes = random_votes(n, m, k, seed, coverage)
    counts = count_co_votes(votes).counts
    assert counts.dtype == np.int64
    np.testing.assert_array_equal(counts, counted_plainly(votes))


@settings(max_examples=30, deadline=None)
@given(**shapes)
def test_pairs_and_product_count_the_same(n, m, k, seed, coverage):
    votes = random_votes(n, m, k, seed, coverage)
    for add in (add_pairs, add_product):
        counts = np.zeros((m * k, m * k), dtype=np.int64)
        add(counts, votes.hard, k)
        mirror(counts)
        np.testing.assert_array_equal(counts, counted_plainly(votes))


def test_few_votes_are_paired_and_many_multiplied():
    assert pairs_are_quicker(random_votes(500, 50, 4, 0, 0.05).hard, 4)
    assert not pairs_are_quicker(random_votes(500, 50, 4, 0, 0.9).hard, 4)


def test_votes_in_columns_of_memory_count_the_same():
    votes = random_votes(300, 5, 3, 1)
    turned = VoteMatrix(np.asfortranarray(votes.hard), votes.voters, 3)
    np.testing.assert_array_equal(count_co_votes(turned).counts, counted_plainly(votes))


@pytest.mark.parametrize("coverage", [0.05, 0.9])
def test_several_threads_count_what_one_counts(coverage, monkeypatch):
    monkeypatch.setattr("labeling.label_models.chunks.CELLS", 256)
    votes = random_votes(1000, 6, 3, 2, coverage)
    one, three = (count_co_votes(votes, threads).counts for threads in (1, 3))
    np.testing.assert_array_equal(one, three)
    np.testing.assert_array_equal(one, counted_plainly(votes))


def test_threads_share_the_memory_for_counters(monkeypatch):
    used = []
    monkeypatch.setattr("labeling.label_models.chunks.CELLS", 256)
    monkeypatch.setattr(co_votes, "COUNTER_BYTES", 2 * 8 * 18**2)
    monkeypatch.setattr(
        co_votes,
        "in_threads",
        lambda f, tasks, threads: used.append(threads) or in_threads(f, tasks, threads),
    )
    count_co_votes(random_votes(1000, 6, 3, 2), 8)
    assert used == [2]


def test_shards_add_up():
    votes = random_votes(300, 5, 3, 3)
    parts = [votes.take(slice(0, 110)), votes.take(slice(110, 300))]
    merged = count_co_votes(parts[0]) + count_co_votes(parts[1])
    whole = count_co_votes(votes)
    assert merged.rows == whole.rows == 300
    np.testing.assert_array_equal(merged.counts, whole.counts)


def test_counts_of_other_voters_do_not_add_up():
    with pytest.raises(ValueError, match="do not add up"):
        count_co_votes(random_votes(9, 4, 3, 0)) + count_co_votes(random_votes(9, 3, 3, 0))


@settings(max_examples=25, deadline=None)
@given(**shapes, voter=st.integers(0, 8))
def test_a_changed_voter_counts_as_in_a_full_recount(n, m, k, seed, coverage, voter):
    voter %= m
    before, other = (random_votes(n, m, k, s, coverage) for s in (seed, seed + 1))
    hard = before.hard.copy()
    hard[:, voter] = other.hard[:, voter]
    after = VoteMatrix(hard, before.voters, k)
    updated = count_co_votes(before).replace_voter(after, voter)
    np.testing.assert_array_equal(updated.counts, counted_plainly(after))


def test_a_changed_voter_leaves_the_counts_of_others_untouched():
    votes = random_votes(50, 4, 2, 0)
    marked = count_co_votes(votes)
    marked.counts[:] = 777
    touched = marked.replace_voter(votes, 1).counts != 777
    assert touched[2:4].all()
    assert touched[:, 2:4].all()
    assert touched.sum() == 2 * 2 * 8 - 4
    assert (marked.counts == 777).all()


def test_a_changed_voter_of_other_rows_is_refused():
    counted = count_co_votes(random_votes(50, 4, 2, 0))
    with pytest.raises(ValueError, match=r"\(49, 4, 2\), counted were \(50, 4, 2\)"):
        counted.replace_voter(random_votes(49, 4, 2, 0), 1)


def test_coverage_and_cast_votes_are_read_from_the_diagonal():
    votes = random_votes(200, 3, 4, 5)
    counted = count_co_votes(votes)
    np.testing.assert_allclose(counted.coverage, (votes.hard >= 0).mean(axis=0))
    np.testing.assert_array_equal(counted.cast, one_hot(votes.hard, 4).sum(axis=0))


def test_vote_codes_name_row_voter_and_vote():
    rows, codes = vote_codes(np.array([[-1, 2], [0, -1], [-1, -1], [1, 1]], dtype=np.int8), 3)
    assert rows.tolist() == [0, 1, 3, 3]
    assert codes.tolist() == [5, 0, 1, 4]


def test_chunks_cover_every_row_once():
    chunks = row_chunks(1000, CELLS // 64)
    assert np.concatenate([np.arange(c.start, c.stop) for c in chunks]).tolist() == list(range(1000))
    assert row_chunks(0, 5) == []


def test_threads_keep_the_order():
    assert in_threads(lambda x: x * x, range(20), 4) == [x * x for x in range(20)]


def test_counts_of_no_rows_are_zero():
    empty = count_co_votes(random_votes(0, 3, 2, 0))
    assert isinstance(empty, CoVotes)
    assert empty.counts.shape == (6, 6)
    assert not empty.counts.any()
