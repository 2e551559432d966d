"""Removing all that one person, one version of a voter or one language model contributed; labels follow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from labeling.config.suggest import did_you_mean
from labeling.errors import InputError
from labeling.pool import project_functions
from labeling.pool.prelabels import project_voters
from labeling.pool.readings import KIND as READINGS
from labeling.pool.stored import locate_items
from labeling.project import Project
from labeling.releases.contents import present_contents
from labeling.releases.publication import publish
from labeling.rounds.life import void_broken
from labeling.rounds.live import LEASE, LEASE_WAIT_SECONDS
from labeling.rounds.turn import run_round
from labeling.store import Lease, certificates, erasing, lease, manifest, releases, voters
from labeling.types import digest_of


@dataclass(frozen=True)
class Removed:
    """What was removed, and what followed.

    Attributes
    ----------
    what : str
    answers, columns, readings, calls : int
        Revisions of answers, stored columns of votes, readings and calls of language models.
    certificates : tuple of int
        Those that no longer hold.
    release : int or None
        The one that was made of the labels without it; None where none was there before, or nothing changed.
    """

    what: str
    answers: int = 0
    columns: int = 0
    readings: int = 0
    calls: int = 0
    certificates: tuple[int, ...] = ()
    release: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return asdict(self)


def remove_annotator(project: Project, annotator: str) -> Removed:
    """Remove a person's answers, from the review queue too; certificates that rest on them fall.

    Raises
    ------
    InputError
        Nobody of that name answered anything.
    Unavailable
        Another process turns the loop, or the review queue cannot be had.
    """
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        with project.store.read() as tx:
            given, before = erasing.answers_of(tx, annotator), _in_force(tx)
        if not given:
            raise InputError(
                f'forget --annotator: nobody of the name "{annotator}" answered. Check the name.'
            )
        with project.connect() as desk:
            desk.queue.forget_answers(given)
        with project.store.write() as tx:
            held.check(tx)
            answers = erasing.erase_answers(tx, annotator)
            void_broken(project, tx)
            fallen = before - _in_force(tx)
        release = _anew(project, held)
    return Removed(annotator, answers=answers, certificates=tuple(sorted(fallen)), release=release)


def remove_voter(project: Project, named: str) -> Removed:
    """Remove the votes of earlier versions of a voter.

    Parameters
    ----------
    named : str
        ``NAME``, or ``NAME@VERSION`` with the first characters of one version.

    Raises
    ------
    InputError
        There is no such version, or it is the one that votes now.
    """
    name, _, prefix = named.partition("@")
    with project.store.read() as tx:
        known = _versions(tx)
    if name not in known:
        raise InputError(f"forget --voter: {name!r} never voted.{did_you_mean(name, known)}")
    chosen = {version for version in known[name] if version.startswith(prefix)}
    return _remove_versions(project, named, chosen, whole=not prefix)


def remove_model(project: Project, model: str) -> Removed:
    """Remove all that a language model said, by whatever prompt.

    Raises
    ------
    InputError
        It was never asked, or the config still names it.
    """
    if any(voter.llm and voter.llm.model == model for voter in project.config.voters):
        place = project.config.place("voters")
        raise InputError(
            f"{place}: still names {model}, which would be asked anew. Take it out, then forget it."
        )
    with project.store.read() as tx:
        versions = erasing.versions_of_model(tx, model)
    if not versions:
        raise InputError(f"forget --model: {model} was never asked. `quorum llm plan` names the models.")
    return _remove_versions(project, model, set(versions), whole=False)


def _remove_versions(project: Project, what: str, versions: set[str], *, whole: bool) -> Removed:
    now = _voting(project)
    chosen = versions - now if whole else versions
    if not chosen or chosen & now:
        raise InputError(
            f"forget: {what} votes now, so it would vote anew. Edit it or take it out, then forget it."
        )
    with lease.acquire(project.store, LEASE, wait=LEASE_WAIT_SECONDS) as held:
        with project.store.write() as tx:
            held.check(tx)
            gone = [e for e in manifest.entries(tx, "votes") if e.key.rpartition("/")[2] in chosen]
            gone += [e for e in manifest.entries(tx, READINGS) if e.key in chosen]
            manifest.remove(tx, gone)
            readings, calls = erasing.erase_readings(tx, chosen)
            fallen = _void(tx, chosen, what)
        release = _anew(project, held)
    columns = sum(entry.kind == "votes" for entry in gone)
    return Removed(what, 0, columns, readings, calls, fallen, release)


def _versions(tx: sa.Connection) -> dict[str, set[str]]:
    """Give all versions that ever voted, by name: of applications, and of what releases were made of."""
    found: dict[str, set[str]] = {}
    for name, version in voters.all_versions(tx):
        found.setdefault(name, set()).add(version)
    for release in releases.all_releases(tx):
        for name, told in (release.made_of or {}).get("voters", {}).items():
            if told["version"]:
                found.setdefault(name, set()).add(told["version"])
    return found


def _voting(project: Project) -> set[str]:
    located, text_field = locate_items(project), project.config.items.text_field
    functions = {digest_of(f.fingerprint, text_field) for f in project_functions(project)}
    return functions | set(project_voters(project, located.public_fields).versions)


def _void(tx: sa.Connection, versions: Collection[str], what: str) -> tuple[int, ...]:
    """Void the certificates of labels that were made with some versions' votes."""
    before = _in_force(tx)
    for release in releases.all_releases(tx):
        made_with = {told["version"] for told in (release.made_of or {}).get("voters", {}).values()}
        if release.test_number is not None and made_with & set(versions):
            reason = f"its labels were made with votes of {what}, which were removed"
            certificates.void(tx, release.test_number, reason)
    return tuple(sorted(before - _in_force(tx)))


def _in_force(tx: sa.Connection) -> set[int]:
    return {test.number for test in certificates.passed(tx)}


def _anew(project: Project, held: Lease) -> int | None:
    """Derive labels anew; where there are releases, they become one."""
    run_round(project, held, choose=False)
    with project.store.read() as tx:
        published = releases.latest(tx) is not None
    return publish(project, held, present_contents(project)) if published else None
