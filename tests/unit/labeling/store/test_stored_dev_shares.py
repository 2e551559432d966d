"""The shares of the dev split: only ever raised, each with the audit drawn before it."""

from __future__ import annotations

import pytest

from labeling.store import DevShare, Store, dev_shares, frames


def test_none_before_the_first(store: Store) -> None:
    with store.read() as tx:
        assert dev_shares.all_shares(tx) == []


def test_a_share_remembers_the_audit_of_its_time(store: Store) -> None:
    with store.write() as tx:
        dev_shares.raise_share(tx, 0.1)
        frames.open_frame(tx, "salt", 0.2)
        dev_shares.raise_share(tx, 0.3)
        frames.raise_rate(tx, 0.5)
        dev_shares.raise_share(tx, 0.4)
    with store.read() as tx:
        assert dev_shares.all_shares(tx) == [
            DevShare(1, 0.1, None, 0.0),
            DevShare(2, 0.3, "salt", 0.2),
            DevShare(3, 0.4, "salt", 0.5),
        ]


@pytest.mark.parametrize("again", [0.3, 0.1, 0.0])
def test_a_share_is_never_lowered_nor_written_twice(store: Store, again: float) -> None:
    with store.write() as tx:
        dev_shares.raise_share(tx, 0.3)
        dev_shares.raise_share(tx, again)
        assert [s.share for s in dev_shares.all_shares(tx)] == [0.3]


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_outside_its_range_is_refused(store: Store, share: float) -> None:
    with store.write() as tx, pytest.raises(ValueError, match="share of the dev split"):
        dev_shares.raise_share(tx, share)
