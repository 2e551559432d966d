"""What a scheduled job did, or would do, in a terminal or in a mail."""

from __future__ import annotations

from typing import Any

from labeling.cli.display import say
from labeling.cli.display_releases import changes
from labeling.cli.texts import printable

SHOWN_FLIPS = 20


def job(result: dict[str, Any]) -> None:
    """Print what a job did."""
    release, calls, people, routes = (result[key] for key in ("release", "calls", "people", "routes"))
    current = release["current"] or "none"
    say(f"relabel: {result['status']}, {result['seconds']:.1f} s; current release: {current}")
    for remark in result["remarks"]:
        say(f"  {printable(remark)}")
    changes(result, SHOWN_FLIPS)
    asked = f"{calls['asked']:,} questions to models"
    say(f"  calls        {calls['ran']:,} ran, {calls['cached']:,} were stored, {asked}")
    say(f"  routes       {routes['accept']:,} accept, {routes['review']:,} review, {routes['hold']:,} hold")
    sent = f"{people['pushed']:,} tasks sent, {people['withdrawn']:,} taken back, {people['open']:,} open"
    say(f"  people       {people['pulled']:,} answers new or changed, {sent}")
    say(f"  drift        {result['drift']['said']}")
    if result["tested"]:
        say(f"  test         {result['tested']}")


def foreseen(result: dict[str, Any]) -> None:
    """Print what a job would do."""
    rows, calls = result["changed"]["rows"], result["calls"]
    say("relabel: dry run, nothing is called, sent or written")
    say(f"  rows         {rows['added']:,} added, {rows['changed']:,} changed, {rows['gone']:,} gone")
    for voter in result["changed"]["voters"]:
        say(f"  voter        {printable(voter['name'])} was {voter['what']}")
    say(f"  calls        {calls['ran']:,} to run, {calls['cached']:,} are stored")
    for name, count in result["questions_by_voter"].items():
        say(f"  model        {printable(name)} would be asked about {count:,} texts")
    say(f"  tasks        {result['outgoing']:,} wait to be sent")
    say(f"  certify      {result['certify']}")


def jobs(result: dict[str, Any]) -> None:
    """Print a line for each job."""
    if not result["jobs"]:
        say("no job yet: `quorum relabel` does one")
    for entry in result["jobs"]:
        report = entry["report"]
        rows, release = report["changed"]["rows"], report["release"]["written"]
        written = f", release {release}" if release else ""
        moved = f"{rows['added']} rows added, {rows['changed']} changed, {rows['gone']} gone"
        flips = f"{report['flipped']} labels flipped, {report['gained']} gained, {report['lost']} lost"
        say(f"{entry['number']:4}  {entry['ended_at'][:19]}  {entry['status']}{written}: {moved}; {flips}")
