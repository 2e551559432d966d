"""Giving out a release: its rows as they were frozen, with where each label comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from labeling.errors import GateRefused, InputError
from labeling.export import CERTIFIED, HUMAN, KNOWN, write_aside, writer_of
from labeling.project import Project
from labeling.releases.contents import VOTE, Contents
from labeling.releases.publication import read_contents
from labeling.store import certificates, promotions

CURRENT = "current"


def export_release(project: Project, release: str, out: Path, *, certified: bool = False) -> pd.DataFrame:
    """Write the labels of a release, the same whenever they are written.

    Columns: ``id``, ``label``, ``source``, ``annotators``, ``voters`` (JSON: class and version by voter),
    ``digest``, ``scorer`` (of the certificate), ``round``, ``certificate``, ``schema``, ``release``.

    Parameters
    ----------
    release : str
        A number, or ``current``.
    out : Path
        Ends in .parquet, .csv or .jsonl.
    certified : bool
        Only rows that a person or the release's certificate vouches for.

    Raises
    ------
    InputError
        There is no such release, or the ending is none of these.
    GateRefused
        ``certified`` where the release has no certificate, or one that no longer holds.
    """
    write = writer_of(out)
    contents = read_contents(project, number_of(project, release))
    if certified:
        check_certificate(project, contents)
    frame = release_frame(contents)
    if certified:
        frame = frame[frame["source"].isin([HUMAN, KNOWN, CERTIFIED])]
    write_aside(frame, out, write)
    return frame


def number_of(project: Project, release: str) -> int:
    """Give the number that a user means by a number or by ``current``.

    Raises
    ------
    InputError
        It is neither, or nothing is current.
    """
    if release == CURRENT:
        with project.store.read() as tx:
            entry = promotions.latest(tx)
        if entry is None:
            raise InputError("release current: there is none yet. Run `quorum certify` or `quorum relabel`.")
        return entry.release
    if not release.isascii() or not release.isdigit():
        raise InputError(f'release: expected a number or current, got "{release}". Write 1.')
    return int(release)


def release_frame(contents: Contents) -> pd.DataFrame:
    """Give the rows of a release, one line per row in file order."""
    made_of = contents.made_of
    frame: pd.DataFrame = contents.labels.to_pandas()
    votes = dict(zip(contents.votes["digest"].to_pylist(), voters_of(contents), strict=True))
    people = [json.dumps(names, ensure_ascii=False) for names in contents.labels["annotators"].to_pylist()]
    digests = contents.labels["digest"].to_pylist()
    written: pd.DataFrame = frame.assign(
        annotators=people,
        voters=[votes.get(digest, "{}") for digest in digests],
        digest=[digest.hex() for digest in digests],
        scorer=made_of["certified_scorer"],
        round=made_of["round"],
        certificate=contents.certificate,
        schema=made_of["schema"],
        release=contents.number,
    )
    return written


def voters_of(contents: Contents) -> list[str]:
    """Give the votes on each content as JSON: class and version by voter, abstentions left out."""
    table, names = contents.votes.drop_columns(["digest"]), contents.classes
    voters = [name.removeprefix(VOTE) for name in table.column_names]
    versions = {name: str(told["version"] or "")[:12] for name, told in contents.made_of["voters"].items()}
    columns = [column.to_pylist() for column in table.columns]
    rows = zip(*columns, strict=True) if columns else ((),) * contents.votes.num_rows
    told = (zip(voters, codes, strict=True) for codes in rows)
    return [
        json.dumps(
            {v: {"vote": names[code], "version": versions[v]} for v, code in row if code >= 0},
            ensure_ascii=False,
        )
        for row in told
    ]


def check_certificate(project: Project, contents: Contents) -> None:
    """Make sure that the certificate of a release holds.

    Raises
    ------
    GateRefused
        It has none, or one that no longer holds.
    """
    with project.store.read() as tx:
        test = certificates.find(tx, contents.certificate) if contents.certificate else None
        ended = certificates.why_ended(tx, test) if test else None
    if test is None:
        why = "it was made without a certificate"
    elif ended is not None:
        why = f"its certificate {test.number} does not hold: {ended}"
    else:
        return
    raise GateRefused(
        f"export --certified: release {contents.number} may not be given out as certified, {why}. "
        "Choose another release, or export without --certified."
    )
