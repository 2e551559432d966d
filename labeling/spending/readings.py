"""What the ledger says of a voter."""

from __future__ import annotations

from labeling.store import Store, StoredReadings, llm_votes


def answered(store: Store, voter: str) -> StoredReadings:
    """Give all readings of one version of a voter, as columns."""
    with store.read() as tx:
        return llm_votes.readings(tx, voter)
