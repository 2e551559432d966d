"""Worker processes: they are watched, replaced, and gone when the work is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pytest

from labeling.apply.crew import Answer, Crew, memory_headroom
from labeling.apply.workers import Job
from labeling.errors import QuorumError
from labeling.lf.loading import load_functions, origin_of
from labeling.lf.messages import Message
from labeling.types import UNKNOWN

SOURCE = """
import os, time
from lfs import labeling_function

@labeling_function
def f(item):
    if item.text == "sleep": time.sleep(60)
    if item.text == "exit": os._exit(4)
    if item.text == "grow": return "x" * (1 << 40)
    return "SPAM" if item.text == "yes" else None
"""


class OneByOne:
    """Chunks of texts, and the answers to them."""

    def __init__(self, *chunks: list[str], limit: float = 1.0) -> None:
        self.jobs = [job(chunk, limit) for chunk in chunks]
        self.answers: list[Answer] = []
        self.error: BaseException | None = None

    def next_job(self) -> Job | None:
        return self.jobs.pop(0) if self.jobs else None

    def take(self, answer: Answer) -> None:
        self.answers.append(answer)
        if self.error is not None:
            raise self.error


def job(texts: list[str], limit: float) -> Job:
    table = pa.table({"text": texts, "digest": pa.array([bytes(16)] * len(texts), pa.binary(16))})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    header = {"functions": [0], "examples": False, "text_field": "text"}
    return Job(Message(header, sink.getvalue().to_pybytes()), len(texts), [limit])


@pytest.fixture
def setup(tmp_path: Path) -> Mapping[str, Any]:
    (tmp_path / "functions.py").write_text(SOURCE, encoding="utf-8")
    [f] = load_functions("functions.py", tmp_path, ["HAM", "SPAM"])
    origin = origin_of(f)
    assert origin is not None
    files = {"source": origin.source, "root": str(origin.root), "files": dict(origin.files)}
    return {
        "origins": [{**files, "class_names": origin.class_names}],
        "functions": [[0, "f"]],
        "class_names": ["HAM", "SPAM"],
    }


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "labeling.lf.worker" in p.cmdline()]


def test_answers_come_for_all_jobs_and_nobody_is_left(setup: Mapping[str, Any]) -> None:
    work = OneByOne(*[["yes", "no"]] * 5)
    Crew(setup, 2, 10_000).do(work)
    assert [answer.codes.tolist() for answer in work.answers] == [[[1, -1]]] * 5
    assert all(answer.lost is None for answer in work.answers)
    assert children() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [("sleep", "took longer than 1 s and was stopped"), ("exit", "which ended with exit code 4")],
)
def test_a_lost_worker_is_replaced(setup: Mapping[str, Any], text: str, reason: str) -> None:
    work = OneByOne(["yes", text, "no"], ["yes"])
    Crew(setup, 1, 10).do(work)
    lost, whole = work.answers
    assert lost.codes.tolist() == [[1, UNKNOWN, UNKNOWN]]
    assert lost.lost is not None
    assert lost.lost[:2] == (0, 1)
    assert reason in lost.lost[2]
    assert whole.codes.tolist() == [[1]]


def test_memory_is_limited(setup: Mapping[str, Any]) -> None:
    work = OneByOne(["grow", "yes"])
    Crew(setup, 1, 10).do(work)
    [answer] = work.answers
    assert answer.codes.tolist() == [[-2, 1]]
    assert "MemoryError" in answer.header["faults"][0][2]


def test_an_error_ends_the_workers_and_keeps_what_the_others_have(setup: Mapping[str, Any]) -> None:
    work = OneByOne(["yes"], ["yes", "sleep"], limit=30.0)
    work.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        Crew(setup, 1, 10).do(work)
    assert children() == []
    assert work.answers[0].codes.tolist() == [[1]]


def test_functions_that_are_another_by_now_are_refused(setup: Mapping[str, Any], tmp_path: Path) -> None:
    (tmp_path / "functions.py").write_text(SOURCE + "# edited", encoding="utf-8")
    with pytest.raises(QuorumError, match=r"functions\.py: was edited while it was applied"):
        Crew(setup, 1, 10).do(OneByOne(["yes"]))
    assert children() == []


def test_workers_work_wherever_the_command_is_called(
    setup: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labeling").mkdir()
    (tmp_path / "labeling" / "__init__.py").write_text("raise OSError('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    work = OneByOne(["yes"])
    Crew(setup, 1, 10).do(work)
    assert work.answers[0].codes.tolist() == [[1]]


def test_memory_is_shared_among_workers() -> None:
    assert 0 < memory_headroom(os.cpu_count() or 1) <= memory_headroom(1)
    assert memory_headroom(1_000) < psutil.virtual_memory().total
    assert np.iinfo(np.int64).max > memory_headroom(1)
