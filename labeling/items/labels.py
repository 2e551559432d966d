"""Recorded votes and known labels, as class indices by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labeling.config import Config
from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.items.classes import Codes, encode_columns, majority, unanimous
from labeling.items.collection import Items
from labeling.types import LabelSchema


@dataclass(frozen=True)
class RecordedVotes:
    """Recorded votes by column.

    Parameters
    ----------
    codes : mapping of str to array of int8, shape (n,)
        Class index by item, -1 abstains.
    conflicts : mapping of str to int
        Items whose rows hold different classes, which counts as an abstention.
    """

    codes: Mapping[str, Codes]
    conflicts: Mapping[str, int]


def recorded_votes(items: Items, config: Config) -> RecordedVotes:
    """Read recorded votes as one vote by item; rows without a vote do not disagree with the others.

    Raises
    ------
    InputError
        A cell holds something that is not a class.
    """
    codes = encode_columns(items.recorded_columns, config.schema, items.place)
    agreed = {name: unanimous(column, items.row_item, len(items)) for name, column in codes.items()}
    return RecordedVotes(
        {name: labels for name, (labels, _) in agreed.items()},
        {name: int(conflicts.sum()) for name, (_, conflicts) in agreed.items()},
    )


@dataclass(frozen=True)
class KnownLabels:
    """A column of known labels.

    Parameters
    ----------
    labels : array of int8, shape (n,)
        Class of most rows of each item; -1 on a tie or without any.
    rows : array of int8, shape (n_rows,)
        Class of each row, -1 where it has none.
    conflicts : int
        Items whose rows hold different classes.
    """

    labels: Codes
    rows: Codes
    conflicts: int


def gold_labels(items: Items, column: str, schema: LabelSchema) -> KnownLabels:
    """Read a held-out column as class indices.

    Raises
    ------
    InputError
        No such column is held out, or a cell holds something that is not a class.
    """
    if column not in items.held_out_columns.column_names:
        near = did_you_mean(column, items.held_out_columns.column_names) or " Name it as gold.column."
        raise InputError(f'{items.source[0].name}: expected a column of known labels, got "{column}".{near}')
    rows = encode_columns(items.held_out_columns.select([column]), schema, items.place)[column]
    conflicts = unanimous(rows, items.row_item, len(items))[1]
    return KnownLabels(majority(rows, items.row_item, len(items)), rows, int(conflicts.sum()))
