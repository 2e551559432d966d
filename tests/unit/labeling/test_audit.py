"""Membership of the standing sample, and plans that say how many answers are missing."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.certificates.audit import keyed_hashes, rate_among, rate_for, standing_sample

CLUSTERS = [f"text {i}" for i in range(2000)]


@given(st.text(max_size=80), st.sets(st.text(), max_size=50), st.integers(0, 60))
def test_the_rate_draws_exactly_the_size(salt, clusters, size):
    present = sorted(clusters)
    rate = rate_for(salt, present, size)
    assert standing_sample(salt, present, rate).sum() == min(size, len(present))


def test_membership_knows_nothing_but_salt_and_content():
    rate = rate_for("salt", CLUSTERS, 200)
    members = standing_sample("salt", CLUSTERS, rate)
    shuffled = np.random.default_rng(0).permutation(len(CLUSTERS))
    np.testing.assert_array_equal(
        standing_sample("salt", [CLUSTERS[i] for i in shuffled], rate), members[shuffled]
    )
    assert (standing_sample("pepper", CLUSTERS, rate) & members).sum() == pytest.approx(20, abs=15)


def test_duplicates_belong_together_and_count_once():
    twice = [*CLUSTERS, *CLUSTERS]
    assert rate_for("salt", twice, 200) == rate_for("salt", CLUSTERS, 200)
    members = standing_sample("salt", twice, rate_for("salt", twice, 200))
    np.testing.assert_array_equal(members[: len(CLUSTERS)], members[len(CLUSTERS) :])


def test_a_higher_rate_keeps_all_members():
    low, high = (standing_sample("salt", CLUSTERS, rate) for rate in (0.1, 0.3))
    assert not (low & ~high).any()
    assert standing_sample("salt", CLUSTERS, 1.0).all()
    assert not standing_sample("salt", CLUSTERS, 0.0).any()


def test_the_hash_is_uniform():
    hashes = keyed_hashes("salt", [str(i) for i in range(20_000)])
    counts, _ = np.histogram(hashes, bins=20, range=(0, 1))
    assert ((counts - 1000) ** 2 / 1000).sum() < 50


def test_the_hash_is_keyed_blake2b():
    key = blake2b(b"salt").digest()
    words = [int.from_bytes(blake2b(c.encode(), key=key, digest_size=8).digest(), "big") for c in CLUSTERS]
    np.testing.assert_array_equal(keyed_hashes("salt", CLUSTERS), [(word >> 11) / 2**53 for word in words])
    assert keyed_hashes("salt", []).shape == (0,)


def test_hashes_are_kept_and_cannot_be_spoilt():
    hashes = keyed_hashes("salt", CLUSTERS)
    assert keyed_hashes("salt", list(CLUSTERS)) is hashes
    with pytest.raises(ValueError, match="read-only"):
        hashes[0] = 0


def test_the_rate_among_hashes_is_the_next_smallest():
    hashes = np.array([0.5, 0.1, 0.9, 0.3])
    assert [rate_among(hashes, size) for size in (0, 1, 3, 4, 9)] == [0.1, 0.3, 0.9, 1.0, 1.0]
