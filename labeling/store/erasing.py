"""Erasing what the relational state holds of a row, its contents and its tasks."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update

from labeling.store.schema import (
    annotations,
    jobs,
    llm_calls,
    llm_votes,
    model_opinions,
    releases,
    rounds,
    tasks,
    tests,
)

ERASED = ""

BY_CONTENT = {
    "answers": annotations.c.digest,
    "tasks": tasks.c.digest,
    "readings": llm_votes.c.item,
    "opinions": model_opinions.c.digest,
}
"""Where rows of a table are about one content; calls are, too, but what they cost stays."""


def erase_contents(tx: Connection, digests: Collection[str]) -> dict[str, int]:
    """Remove answers, tasks and readings of contents; of calls, what they cost stays."""
    counts = {
        name: tx.execute(delete(column.table).where(column.in_(digests))).rowcount
        for name, column in BY_CONTENT.items()
    }
    blank = {
        "item": ERASED,
        "request": ERASED,
        "answer": None,
        "failure": None,
        "request_id": None,
        "stop_detail": None,
    }
    counts["calls"] = tx.execute(
        update(llm_calls).where(llm_calls.c.item.in_(digests)).values(blank)
    ).rowcount
    return counts


def answers_of(tx: Connection, annotator: str) -> list[str]:
    """List the ids of a person's answers, deleted ones included."""
    query = select(annotations.c.annotation_id).where(annotations.c.annotator == annotator).distinct()
    return sorted(tx.scalars(query))


def erase_answers(tx: Connection, annotator: str) -> int:
    """Remove all revisions of a person's answers and give their number."""
    return tx.execute(delete(annotations).where(annotations.c.annotator == annotator)).rowcount


def versions_of_model(tx: Connection, model: str) -> list[str]:
    """List the versions of voters that ever asked a model."""
    return sorted(tx.scalars(select(llm_calls.c.voter).where(llm_calls.c.model == model).distinct()))


def erase_readings(tx: Connection, versions: Collection[str]) -> tuple[int, int]:
    """Remove what versions of language models said; give the number of readings, and of calls."""
    gone = tx.execute(delete(llm_votes).where(llm_votes.c.voter.in_(versions))).rowcount
    blank = {"request": ERASED, "answer": None, "failure": None, "request_id": None, "stop_detail": None}
    calls = tx.execute(update(llm_calls).where(llm_calls.c.voter.in_(versions)).values(blank)).rowcount
    return gone, calls


def erase_from_tests(tx: Connection, digests: Collection[str], renamed: Mapping[str, str]) -> None:
    """Take contents out of the answers that tests rest on, and follow score tables to their new digests."""
    for row in tx.execute(select(tests.c.number, tests.c.result)).all():
        result = _without(row.result, digests)
        if "covers" in result:
            result["covers"] = renamed.get(result["covers"], result["covers"])
        if result != row.result:
            tx.execute(update(tests).where(tests.c.number == row.number).values(result=result))
    for table in (tests, rounds, releases):
        for old, new in renamed.items():
            tx.execute(update(table).where(table.c.score_table == old).values(score_table=new))


def erase_from_jobs(tx: Connection, row_id: str) -> None:
    """Take a row out of the reports of jobs."""
    for row in tx.execute(select(jobs.c.number, jobs.c.report)).all():
        flips = [flip for flip in row.report.get("flips", ()) if flip["id"] != row_id]
        if len(flips) < len(row.report.get("flips", ())):
            report = {**row.report, "flips": flips}
            tx.execute(update(jobs).where(jobs.c.number == row.number).values(report=report))


def set_identity(tx: Connection, number: int, identity: str) -> None:
    """Give a release, of which a row was erased, its new digest."""
    tx.execute(update(releases).where(releases.c.number == number).values(identity=identity))


def _without(result: Mapping[str, Any], digests: Collection[str]) -> dict[str, Any]:
    answers = result.get("answers", {})
    return {**result, "answers": {d: label for d, label in answers.items() if d not in digests}}
