"""Releases and what is different between them, in a terminal."""

from __future__ import annotations

from typing import Any

from labeling.cli.display import say
from labeling.cli.texts import printable

SHOWN_REASONS = 10


def releases(result: dict[str, Any]) -> None:
    """Print all releases and the log."""
    if not result["releases"]:
        say("no release yet: `quorum certify` or `quorum relabel` makes one")
    for release in result["releases"]:
        say(_release_line(release, current=release["number"] == result["current"]))
    for entry in result["log"]:
        reason = f": {printable(entry['reason'])}" if entry["reason"] else ""
        say(f"  {entry['promoted_at']}  {entry['by']} {entry['how']} release {entry['release']}{reason}")


def _release_line(release: dict[str, Any], *, current: bool) -> str:
    made_of = release["made_of"]
    holds = f"certificate {release['certificate']}" if release["certificate"] else "no certificate"
    held = f"{holds}, void: {release['void']}" if release["void"] else holds
    if not release["kept"]:
        return f"release {release['number']}: {held}; its labels were not kept"
    answers = sum(made_of["people"].values())
    people = f"{answers:,} answers of {len(made_of['people'])} people"
    given = ", ".join(f"{n:,} {source}" for source, n in made_of["labels"].items()) or "no label"
    size = f"{made_of['data']['rows']:,} rows ({given}), {len(made_of['voters'])} voters, {people}"
    mark = " (current)" if current else ""
    return f"release {release['number']}{mark}: {size}; {held}; round {made_of['round']}"


def diff(result: dict[str, Any], limit: int) -> None:
    """Print what is different between two releases."""
    say(f"release {result['before']} to release {result['after']}")
    changes(result, limit)


def changes(result: dict[str, Any], limit: int) -> None:
    """Print what changed: rows, voters, answers, the certificate, labels with the reasons."""
    changed, rows = result["changed"], result["changed"]["rows"]
    say(f"  rows         {rows['added']:,} added, {rows['changed']:,} changed, {rows['gone']:,} gone")
    say(f"  answers      {changed['answers']['new']:,} new, {changed['answers']['gone']:,} gone or edited")
    for voter in changed["voters"]:
        versions = " to ".join(str(v)[:12] for v in (voter["before"], voter["after"]) if v)
        say(f"  voter        {printable(voter['name'])} was {voter['what']}{versions and f' ({versions})'}")
    before, after = (result["certificate"][side] or "none" for side in ("before", "after"))
    say(f"  certificate  {before} before, {after} after")
    say(f"  labels       {result['flipped']:,} flipped, {result['gained']:,} gained, {result['lost']:,} lost")
    for reason in result["reasons"][:SHOWN_REASONS]:
        say(f"    {reason['rows']:7,}  {printable(reason['why'])}")
    for flip in result["flips"][:limit]:
        moved = f"{flip['before'] or 'no label'} to {flip['after'] or 'no label'}"
        say(f"    {printable(flip['id'])}: {moved}, {printable(flip['why'])}")
    if len(result["flips"]) > limit:
        say(f"    and {len(result['flips']) - limit:,} more; --json lists all")


def promoted(result: dict[str, Any]) -> None:
    """Print what became current."""
    before = f" in place of release {result['before']}" if result["before"] else ""
    say(f"release {result['release']} is the current one{before} ({result['how']} by {result['by']})")
    held = result["certificate"]
    say(f"  certificate  {held if held else 'none'} in force")
    if result["remark"]:
        say(f"  {result['remark']}")
