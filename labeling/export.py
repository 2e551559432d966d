"""Giving labels out: one line per row, with where its label comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from labeling.errors import GateRefused, InputError
from labeling.gold import GoldLabel
from labeling.items import Objects
from labeling.pool import Pool, load_pool, seed_gold
from labeling.pool.people import read_people
from labeling.pool.releases import read_released
from labeling.project import Project
from labeling.store import ManifestEntry, Round, StoredTest, certificates, manifest, rounds
from labeling.types import ABSTAIN, Decision, digest_of

HUMAN, CERTIFIED, KNOWN = "human", "certified", "known"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What the cells begin with that spreadsheets run."""

Writer = Callable[[pd.DataFrame, Path], None]

WRITERS: dict[str, Writer] = {
    ".parquet": lambda frame, path: frame.to_parquet(path, index=False),
    ".csv": lambda frame, path: harmless(frame).to_csv(path, index=False),
    ".jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True, force_ascii=False),
}


def export_labels(project: Project, out: Path, *, certified: bool = False) -> pd.DataFrame:
    """Write the labels of all rows with their provenance.

    Columns: ``id``; ``label`` (None where neither a person nor a certificate gives one); ``source`` (human,
    certified or known); ``suggestion`` and ``p:NAME`` (the scorer's class and probabilities); ``route``,
    ``reason``; ``voters`` (JSON: class and version by voter); ``annotators`` (JSON); ``answers``
    (JSON: class by annotator) and ``confidence`` of a person's label; ``digest``, ``scorer``,
    ``round``, ``certificate``, ``schema``.

    Parameters
    ----------
    out : Path
        Ends in .parquet, .csv or .jsonl.
    certified : bool
        Only rows that a person or a valid certificate vouches for.

    Raises
    ------
    InputError
        The ending is none of these, or there is no round yet.
    GateRefused
        ``certified`` without a certificate that holds.
    """
    write = writer_of(out)
    with project.store.read() as tx:
        champion = certificates.champion(tx)
        latest = rounds.latest(tx)
    if certified and champion is None:
        raise GateRefused(
            "export --certified: no certificate holds, so no machine label may be given out as certified. "
            "Run `quorum certify` once the audit is answered, or export without --certified."
        )
    if latest is None:
        raise InputError("export: there is no round yet. Run `quorum run` first.")
    pool = load_pool(project)
    frame = label_frame(project, pool, latest, champion)
    if certified:
        frame = frame[frame["source"].isin([HUMAN, KNOWN, CERTIFIED])]
    write_aside(frame, out, write)
    return frame


def label_frame(project: Project, pool: Pool, latest: Round, champion: StoredTest | None) -> pd.DataFrame:
    """Give the labels of all rows with their provenance, one line per row in file order."""
    items = label_items(project, pool, latest)
    frame = items.iloc[pool.items.row_item].reset_index(drop=True)
    frame.insert(0, "id", pool.items.row_ids.tolist())
    return frame.assign(
        scorer=latest.scorer,
        round=latest.number,
        certificate=champion.number if champion else None,
        schema=project.schema.version,
    )


def label_items(project: Project, pool: Pool, latest: Round) -> pd.DataFrame:
    """Give one line per item: label, source, suggestion, probabilities, route and who voted what."""
    digests, names = pool.items.digests, project.schema.names
    scores, routes = _round_lines(project, latest, digests)
    given = given_labels(project, pool, latest, routes)
    written: dict[str, Any] = {
        "label": given.labels,
        "source": given.sources,
        "suggestion": scores["label"].to_pylist(),
        **{f"p:{name}": scores[f"p:{name}"].to_numpy() for name in names},
        "route": given.decisions,
        "reason": given.reasons,
        "voters": votes_of_items(pool, names),
        "annotators": [json.dumps(people, ensure_ascii=False) for people in given.annotators],
        "answers": [json.dumps(dict(g.said), ensure_ascii=False) if g else "{}" for g in given.gold],
        "confidence": [
            g.sure if g and source == HUMAN else None
            for g, source in zip(given.gold, given.sources, strict=True)
        ],
        "digest": digests.tolist(),
    }
    # As objects, for pandas would make None a NaN, which is true.
    cells = {k: pd.Series(v, dtype=object) if isinstance(v, list) else v for k, v in written.items()}
    return pd.DataFrame(cells)


@dataclass(frozen=True)
class GivenLabels:
    """What is given out of n items now, each list of length n.

    Attributes
    ----------
    labels, sources : list of str or None
    decisions, reasons : list of str
        Routes, but for acceptances that no longer hold.
    gold : list of GoldLabel or None
        What people's answers amount to.
    """

    labels: list[str | None]
    sources: list[str | None]
    decisions: list[str]
    reasons: list[str]
    gold: list[GoldLabel | None]

    @property
    def annotators(self) -> list[tuple[str, ...]]:
        """Who answered, of each item."""
        return [g.annotators if g else () for g in self.gold]


def given_labels(project: Project, pool: Pool, latest: Round, routes: pa.Table) -> GivenLabels:
    """Give the labels of all items with their sources, by the routes of the last round."""
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
        released = read_released(project, tx)
    digests = pool.items.digests
    decisions = [decision or Decision.HOLD.value for decision in routes["decision"].to_pylist()]
    later = f"new or edited since round {latest.number}"
    # What a round of today keeps from acceptance is not given out, though an older test covered it.
    accepted = (d for d, decision in zip(digests, decisions, strict=True) if decision == Decision.ACCEPT)
    certified = {d: released.labels[d] for d in accepted if d in released.labels}
    known = _known(project, pool)
    sourced = [label_of(d, people.gold, known, certified) for d in digests]
    reasons = [reason or later for reason in routes["reason"].to_pylist()]
    for i, (label, _) in enumerate(sourced):
        if label is None and decisions[i] == Decision.ACCEPT:
            decisions[i], reasons[i] = (
                Decision.HOLD.value,
                "what it was accepted on no longer holds; run a round",
            )
    gold = [people.gold.get(d) for d in digests]
    return GivenLabels([x for x, _ in sourced], [y for _, y in sourced], decisions, reasons, gold)


def round_routes(project: Project, latest: Round, digests: Objects) -> pa.Table:
    """Read the routes of a round, a line for each content, of nulls where the round has none."""
    with project.store.read() as tx:
        routed = manifest.find(tx, "routes", str(latest.number))
    if routed is None:
        raise InputError(f"round {latest.number} has no routes. Run `quorum run` again.")
    return _lines(project, routed, digests)


def _round_lines(project: Project, latest: Round, digests: Objects) -> tuple[pa.Table, pa.Table]:
    """Read what a round says of each content: scores and routes."""
    with project.store.read() as tx:
        scored = manifest.find(tx, "scores", latest.scorer)
    if scored is None:
        raise InputError(f"round {latest.number} has no scores. Run `quorum run` again.")
    scores = _lines(project, scored, digests)
    if not {f"p:{name}" for name in project.schema.names} <= {*scores.column_names}:
        raise InputError(f"the classes changed since round {latest.number}. Run `quorum run`.")
    return scores, round_routes(project, latest, digests)


def _lines(project: Project, entry: ManifestEntry, digests: Objects) -> pa.Table:
    """Read a table and give the line of each content, of nulls where it has none."""
    table = project.artifacts.read(entry)
    row_of = {digest: row for row, digest in enumerate(table["digest"].to_pylist())}
    return table.take(pa.array([row_of.get(digest) for digest in digests], type=pa.int64()))


def label_of(
    digest: str, gold: Mapping[str, GoldLabel], known: Mapping[str, str], released: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Give an item's label with its source: a person's, before a known one, before a certified one."""
    answered = gold.get(digest)
    if answered is not None and answered.label is not None:
        return answered.label, HUMAN
    if digest in known:
        return known[digest], KNOWN
    return (released[digest], CERTIFIED) if digest in released else (None, None)


def votes_of_items(pool: Pool, names: tuple[str, ...]) -> list[str]:
    """Give each item's votes as JSON: class and version by voter, abstentions left out."""
    runs, rows = pool.applied.runs, pool.applied.votes.hard
    return [
        json.dumps(
            {
                runs[j].name: {"vote": names[row[j]], "version": runs[j].version}
                for j in np.flatnonzero(row != ABSTAIN)
            },
            ensure_ascii=False,
        )
        for row in rows
    ]


def _known(project: Project, pool: Pool) -> dict[str, str]:
    codes = seed_gold(project, pool)
    names, digests = project.schema.names, pool.items.digests
    return {str(digests[i]): names[codes[i]] for i in np.flatnonzero(codes != ABSTAIN)}


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP, CSV injection).

    Examples
    --------
    >>> harmless(pd.DataFrame({"id": ["=1+1", "r1"], "p": [-0.5, 0.5]})).values.tolist()
    [["'=1+1", -0.5], ['r1', 0.5]]
    """
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{name: [harmless_cell(cell) for cell in frame[name]] for name in texts})


def harmless_cell(cell: Any) -> Any:
    """Put an apostrophe before a cell that a spreadsheet would run; all else stays as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def writer_of(out: Path) -> Writer:
    """Give what writes files of this ending.

    Raises
    ------
    InputError
        It is none that can be written.
    """
    write = WRITERS.get(out.suffix)
    if write is None:
        raise InputError(f"--out {out}: expected a file that ends in {', '.join(WRITERS)}.")
    return write


def write_aside(frame: pd.DataFrame, out: Path, write: Writer) -> None:
    """Write beside the target and rename, so that nobody ever reads half a file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{digest_of(os.getpid())[:8]}")
    try:
        write(frame, aside)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
