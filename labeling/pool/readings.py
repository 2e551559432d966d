"""The ledger's readings as columns, kept as an artifact until there are other answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pyarrow as pa

from labeling.errors import QuorumError
from labeling.project import Project
from labeling.store import StoredReadings, llm_votes, manifest
from labeling.votes import DIGEST_BYTES

KIND = "prelabels"


def stored_readings(project: Project, version: str) -> pa.Table:
    """Give all readings of one version of a voter, in no order that counts.

    Columns: ``digest`` (16 bytes), ``outcome`` and ``label`` (text, null without a vote), ``confidence``
    (float32, null where the model does not say).
    """
    with project.store.read() as tx:
        answers = llm_votes.answers_digest(tx, version)
        entry = manifest.find(tx, KIND, version)
    if answers is not None and entry is not None and entry.meta["answers"] == answers:
        # The ledger is still there, so a damaged artifact is no loss.
        with suppress(QuorumError):
            return project.artifacts.read(entry)
    with project.store.read() as tx:
        answers = llm_votes.answers_digest(tx, version)
        table = _table(llm_votes.readings(tx, version))
    if answers is None:
        return table
    entry = project.artifacts.write(KIND, table, key=version, meta={"answers": answers})
    with project.store.write() as tx:
        manifest.record(tx, entry)
    return table


def _table(readings: StoredReadings) -> pa.Table:
    return pa.table(
        {
            "digest": binary_digests(readings.items),
            "outcome": pa.array(readings.outcomes, pa.string()),
            "label": pa.array(readings.labels, pa.string()),
            "confidence": pa.array(readings.confidence, pa.float32(), from_pandas=True),
        }
    )


def binary_digests(digests: Sequence[str]) -> pa.Array:
    """Give hex digests as an array of 16 bytes each."""
    data = pa.py_buffer(bytes.fromhex("".join(digests)))
    return pa.Array.from_buffers(pa.binary(DIGEST_BYTES), len(digests), [None, data])
