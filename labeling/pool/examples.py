"""The items with gold that prompts may show to a model, as a snapshot that keeps questions what they were."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labeling.items import Items, gold_labels
from labeling.pool.dev import dev_split
from labeling.pool.people import read_people
from labeling.project import Project
from labeling.store import ManifestEntry, manifest
from labeling.types import ABSTAIN, Item, Lane

KIND, KEY = "gold-examples", "llm"

Examples = tuple[tuple[Item, str], ...]


def frozen_examples(project: Project) -> Examples:
    """Give the snapshot, classes that are none any more left out; nothing before the first was taken."""
    with project.store.read() as tx:
        entry = manifest.find(tx, KIND, KEY)
    return _examples(project, project.artifacts.read(entry)) if entry else ()


def current_examples(project: Project, items: Items) -> Examples:
    """Give what a snapshot of today would hold."""
    return _examples(project, _table(project, items))


def freeze_examples(project: Project, items: Items) -> ManifestEntry:
    """Write a snapshot of today; the caller records the entry in its transaction."""
    return project.artifacts.write(KIND, _table(project, items), key=KEY)


def shown_gold(project: Project, items: Items) -> npt.NDArray[np.int8]:
    """Labels that may be shown to a model, shape (n,), -1 without.

    These are review answers, and known labels with ``use: seed``; never what auditors said, never items of
    the dev split, never the held-out file.
    """
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    labels = people.labels(items.digests, project.schema, Lane.REVIEW)
    gold = project.config.gold
    if gold is not None and gold.use == "seed":
        labels = np.where(labels != ABSTAIN, labels, gold_labels(items, gold.column, project.schema).labels)
    return np.where(dev_split(project, items), ABSTAIN, labels).astype(np.int8)


def _table(project: Project, items: Items) -> pa.Table:
    labels, names = shown_gold(project, items), project.schema.names
    rows = np.flatnonzero(labels != ABSTAIN).tolist()
    public = [items.item(i).fields for i in rows]
    shown = [{name: fields[name] for name in items.public_fields} for fields in public]
    return pa.table(
        {
            "digest": pa.array([str(items.digests[i]) for i in rows], pa.string()),
            "label": pa.array([names[labels[i]] for i in rows], pa.string()),
            "fields": pa.array([json.dumps(fields, ensure_ascii=False) for fields in shown], pa.string()),
        }
    )


def _examples(project: Project, table: pa.Table) -> Examples:
    text, names = project.config.items.text_field, project.schema.index
    columns = (table[name].to_pylist() for name in ("digest", "label", "fields"))
    return tuple(
        (Item(digest, json.loads(fields), text), label)
        for digest, label, fields in zip(*columns, strict=True)
        if label in names
    )
