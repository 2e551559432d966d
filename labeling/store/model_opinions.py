"""What models that had not seen people's answers said of the answered items, as of the last round."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from labeling.store.schema import model_opinions

Opinions = Mapping[str, Mapping[str, float]]
"""Probability by class name, by content digest."""


def replace(tx: Connection, opinions: Opinions) -> None:
    """Put the opinions of a round in the place of all earlier ones."""
    tx.execute(delete(model_opinions))
    rows = [{"digest": digest, "probabilities": dict(said)} for digest, said in opinions.items()]
    if rows:
        tx.execute(insert(model_opinions), rows)


def read(tx: Connection) -> Opinions:
    """Give the opinions of the last round that had any."""
    rows = tx.execute(select(model_opinions.c.digest, model_opinions.c.probabilities))
    return {row.digest: row.probabilities for row in rows}
