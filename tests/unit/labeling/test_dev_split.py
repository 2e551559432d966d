"""Who is in the dev split: a matter of texts, shares and the audit drawn by then, and of nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.certificates.audit import standing_sample
from labeling.pool.dev import dev_members
from labeling.store import DevShare

CLUSTERS = [f"text {i}" for i in range(2000)]
SHARES = st.floats(0.01, 0.99)


def only(share: float, salt: str | None = None, rate: float = 0.0) -> list[DevShare]:
    return [DevShare(1, share, salt, rate)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=8), max_size=60), SHARES, st.randoms())
def test_membership_knows_nothing_but_the_text(texts, share, random):
    members = dev_members("spam", texts, only(share))
    of_text = dict(zip(texts, members.tolist(), strict=True))
    assert [of_text[t] for t in texts] == members.tolist(), "equal texts are together"
    shuffled = random.sample(texts, len(texts))
    assert dev_members("spam", shuffled, only(share)).tolist() == [of_text[t] for t in shuffled]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(SHARES, min_size=2, max_size=4).map(sorted), st.lists(st.floats(0, 1), min_size=4, max_size=4)
)
def test_a_raised_share_only_adds_and_leaves_the_audit_alone(shares, rates):
    steps = [DevShare(i, s, "salt", rates[i]) for i, s in enumerate(shares)]
    seen = [dev_members("spam", CLUSTERS[:300], steps[: i + 1]) for i in range(len(steps))]
    assert all((before <= after).all() for before, after in pairwise(seen))
    for step, before, after in zip(steps[1:], seen, seen[1:], strict=False):
        drawn = standing_sample("salt", CLUSTERS[:300], step.rate)
        assert not (after & ~before & drawn).any()


def test_a_rate_that_grows_later_takes_nobody_out_of_the_split():
    early = dev_members("spam", CLUSTERS, only(0.2, "salt", 0.1))
    assert early.any()
    late = standing_sample("salt", CLUSTERS, 0.5)
    assert (early & late).any(), "or this shows nothing"
    np.testing.assert_array_equal(early, dev_members("spam", CLUSTERS, only(0.2, "salt", 0.1)))


def test_a_share_is_about_that_share_and_projects_differ():
    spam, news = (dev_members(name, CLUSTERS, only(0.1)) for name in ("spam", "news"))
    assert spam.mean() == pytest.approx(0.1, abs=0.03)
    assert (spam & news).mean() == pytest.approx(0.01, abs=0.01)


def test_what_remains_is_audited_at_the_same_rate():
    """A share raised beside an audit: of what remains, the audited part has what the others have of any kind.

    The share of wrong labels among the audited texts tells the share among the remaining ones.
    """
    names = [f"text {i}" for i in range(20_000)]
    wrong = np.random.default_rng(0).random(len(names)) < 0.1
    gaps = []
    for seed in range(20):
        salt = f"salt {seed}"
        drawn = standing_sample(salt, names, 0.1)
        left = ~dev_members(f"spam {seed}", names, only(0.3, salt, 0.1))
        assert (drawn <= left).all()
        gaps.append(wrong[drawn & left].mean() - wrong[left].mean())
    assert np.mean(gaps) == pytest.approx(0, abs=4 * np.std(gaps) / np.sqrt(20))


def test_no_share_is_no_member():
    assert not dev_members("spam", CLUSTERS, []).any()
