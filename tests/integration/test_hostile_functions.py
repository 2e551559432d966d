"""Functions that misbehave in worker processes end in a clear word, and cost nobody else a vote."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeling.errors import QuorumError
from labeling.pool import load_pool
from labeling.votes.applied import AppliedVotes, VoterRun
from tests.projects import opened, small_rows, write_project

ROWS = 60
START = """
from lfs import labeling_function
import ctypes, os, re, sys, time


@labeling_function
def good(item):
    return "BILL" if "refund" in item.text else None

"""


class Votes:
    """Applies functions that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remarks: list[str] = []

    def apply(self, source: str, rate: float = 0.5, limit: float = 0.5, rows: int = ROWS) -> AppliedVotes:
        config = write_project(self.folder, small_rows(rows), functions=START + source)
        text = config.read_text(encoding="utf-8")
        options = f"functions: functions.py, time_limit: {limit}, max_fault_rate: {rate}"
        text = text.replace("  - functions: functions.py", f"  - {{{options}}}")
        config.write_text(text, encoding="utf-8")
        with opened(config) as project:
            object.__setattr__(project, "progress", self._hear)
            return load_pool(project).applied

    def _hear(self, what: str, done: int, total: int) -> None:
        if total == 0:
            self.remarks.append(what)


@pytest.fixture
def votes(tmp_path: Path) -> Votes:
    return Votes(tmp_path / "project")


def run_of(applied: AppliedVotes, name: str) -> VoterRun:
    return next(run for run in applied.runs if run.name == name)


def assert_good_is_whole(applied: AppliedVotes) -> None:
    column = applied.votes.hard[:, applied.votes.voters.index("good")]
    assert (column == 0).sum() == sum("refund" in row["text"] for row in small_rows(len(column)))
    assert run_of(applied, "good").faults == 0


def bad(body: str, options: str = "") -> str:
    return f"\n@labeling_function{options}\ndef bad(item):\n    {body}\n"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("while item.text.endswith(' 7'): pass", "took longer than 0.5 s"),
        ("if item.text.endswith(' 7'): time.sleep(60)", "took longer than 0.5 s"),
        (
            r"return re.match(r'(\w|\w\w)*$', 'a' * 60 + '!') if item.text.endswith(' 7') else None",
            "longer than",
        ),
        ("if item.text.endswith(' 7'): os._exit(3)", "ended with exit code 3"),
        ("if item.text.endswith(' 7'): ctypes.string_at(0)", "was killed by SIGSEGV"),
        ("if item.text.endswith(' 7'): os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
        ("if item.text.endswith(' 7'): 'x' * 10**12", "MemoryError"),
        ("if item.text.endswith(' 7'): raise OSError('row 17')", "OSError: row 17"),
        ("if item.text.endswith(' 7'): sys.exit(2)", "SystemExit: 2"),
        ("if item.text.endswith(' 7'): item.fields['text'] = 'x'", "read-only"),
        ("if item.text.endswith(' 7'): item.text = 'x'", "read-only"),
        ("return 'BILLS' if item.text.endswith(' 7') else None", "Did you mean BILL?"),
        (
            "return 7 if item.text.endswith(' 7') else None",
            "returned 7, expected the name of a class or None",
        ),
        ("return ['BILL'] if item.text.endswith(' 7') else None", "returned ['BILL'], expected the name"),
    ],
)
def test_one_bad_call_costs_one_vote(votes: Votes, body: str, word: str) -> None:
    applied = votes.apply(bad(body) + "\n@labeling_function\ndef late(item):\n    return 'SHIP'\n")
    run = run_of(applied, "bad")
    assert run.faults == 1
    assert run.first_fault is not None
    assert word in run.first_fault["traceback"]
    assert run.first_fault["row"] == "r7"
    assert_good_is_whole(applied)
    assert (applied.votes.hard[:, applied.votes.voters.index("late")] == 1).all()


def test_a_hang_is_tried_again_and_other_faults_are_not(votes: Votes) -> None:
    source = bad(
        "if item.text.endswith(' 7'): time.sleep(60)\n    if item.text.endswith(' 4'): raise OSError"
    )
    first = run_of(votes.apply(source), "bad")
    again = run_of(votes.apply(source), "bad")
    assert (first.ran, first.faults) == (ROWS, 2)
    assert (again.ran, again.cached, again.faults) == (1, ROWS - 1, 2)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("while 'sensor' not in item.text: pass", "'bad' is given up, for it did not come back 3 times"),
        ("if 'BILL' or item: os._exit(1)", "ended with exit code 1"),
        ("raise OSError('no network')", "'bad' fails on"),
        ("return 'SPAM'", "returned 'SPAM', expected None or one of BILL, SHIP, FIRE"),
    ],
)
def test_a_function_that_is_no_use_stops_the_run(votes: Votes, body: str, word: str) -> None:
    with pytest.raises(QuorumError, match=r"What the other functions voted is kept\.$") as caught:
        votes.apply(bad(body), limit=0.3)
    assert word in str(caught.value)
    mended = votes.apply(bad("return None"))
    assert_good_is_whole(mended)
    assert run_of(mended, "good").cached > 0


def test_the_run_stops_early_and_says_where(votes: Votes) -> None:
    with pytest.raises(
        QuorumError, match=r"'bad' fails on .* of .* \(\d+\.\d%\); max_fault_rate allows 10\.0%"
    ) as e:
        votes.apply(bad("raise OSError('no network')"), rate=0.1, rows=3_000)
    assert "The first is row r0:" in str(e.value)
    assert "OSError: no network" in str(e.value)
    assert "3,000 items" not in str(e.value)


def test_what_a_run_stopped_for_is_tried_again(votes: Votes, tmp_path: Path) -> None:
    source = bad(f"return open({str(tmp_path / 'words')!r}).read()")
    with pytest.raises(QuorumError, match="No such file"):
        votes.apply(source)
    (tmp_path / "words").write_text("SHIP", encoding="utf-8")
    run = run_of(votes.apply(source), "bad")
    assert (run.ran, run.faults) == (ROWS, 0)


def test_prints_are_told_once(votes: Votes) -> None:
    body = "print('seen', 1)\n    print('more')\n    os.write(1, b'raw')\n    sys.stderr.write('err')"
    applied = votes.apply(bad(body))
    assert votes.remarks == ["bad printed: seen 1"]
    assert_good_is_whole(applied)


def test_a_preparation_that_hangs_costs_those_that_wait_for_it(votes: Votes) -> None:
    source = """
def words(item):
    while item.text.endswith(' 7'): pass
    return item.text.split()

@labeling_function(pre=[words])
def first(item, words):
    return "SHIP" if "parcel" in words else None

@labeling_function(pre=[words])
def second(item, words):
    return "BILL" if "invoice" in words else None
"""
    applied = votes.apply(source)
    assert [run.faults for run in applied.runs] == [0, 1, 1]
    first_fault = run_of(applied, "second").first_fault
    assert first_fault is not None
    assert "waited for words, which took longer than 0.5 s" in first_fault["traceback"]
    assert_good_is_whole(applied)


def test_a_batch_is_narrowed_down_to_the_item_at_fault(votes: Votes) -> None:
    source = """
@labeling_function(batch=True)
def bad(frame):
    if frame.text.str.endswith(' 7').any():
        raise ValueError("row 7")
    return frame.text.str.contains("parcel").map({True: "SHIP"})
"""
    applied = votes.apply(source)
    run = run_of(applied, "bad")
    assert run.faults == 1
    assert run.first_fault is not None
    assert run.first_fault["row"] == "r7"
    column = applied.votes.hard[:, 1]
    assert (column == 1).sum() == sum("parcel" in row["text"] for row in small_rows(ROWS))


def test_examples_that_fail_or_hang_refuse_the_function(votes: Votes) -> None:
    source = bad("return None", "(examples=[('refund it', 'BILL')])") + (
        "\n@labeling_function(examples=[('hello', None)])\ndef hangs(item):\n"
        "    while item.text == 'hello': pass\n    return 'SHIP'\n"
    )
    applied = votes.apply(source)
    refused = {run.name: run.refused for run in applied.runs}
    assert refused["good"] is None
    assert refused["bad"] == "fails an example: 'refund it': expected BILL, got None"
    assert "took longer than 0.5 s" in str(refused["hangs"])
    assert (applied.votes.hard[:, 1:] == -1).all()
    assert [(run.ran, run.cached) for run in applied.runs[1:]] == [(0, 0), (0, 0)]
    mended = votes.apply(source.replace("'refund it', 'BILL'", "'refund it', None"))
    assert run_of(mended, "bad").refused is None


def test_a_file_that_is_edited_while_it_is_applied_stops_the_run(votes: Votes) -> None:
    source = f"""
@labeling_function
def bad(item):
    path = {str(votes.folder / "functions.py")!r}
    if item.text.endswith(' 7') and __name__ and os.getpid():
        with open(path, "a") as file:
            file.write("# edited")
        os._exit(1)
"""
    with pytest.raises(QuorumError, match=r"functions\.py: was edited while it was applied"):
        votes.apply(source)


def test_workers_and_one_process_vote_alike(votes: Votes) -> None:
    applied = votes.apply(bad("return 'SHIP' if item.text[-1] in '13579' else 'BILL'"), rows=500)
    expected = [1 if row["text"][-1] in "13579" else 0 for row in small_rows(500)]
    assert applied.votes.hard[:, 1].tolist() == expected
