from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from labeling.errors import InputError, Unavailable
from labeling.store import Store, certificates, cursors, migrate, open_store
from labeling.store.schema import cursors as table

PROCESSES = 3
TIMES = 5


def test_file_and_its_folders_are_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/new/folder/state.db").close()
    assert (tmp_path / "new/folder/state.db").is_file()


def test_what_was_committed_is_there_after_opening_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    for expected in ("", "1", "1"):
        store = open_store(url)
        with store.write() as tx:
            assert cursors.get(tx, "answers") == expected
            cursors.put(tx, "answers", "1")
        store.close()


def test_sqlite_waits_for_others_and_checks_foreign_keys(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/state.db")
    with store.read() as tx:
        pragmas = {name: tx.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")}
        assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}
        assert tx.scalar(text("PRAGMA busy_timeout")) == 30_000
    store.close()


def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    def fail() -> None:
        with store.write() as tx:
            cursors.put(tx, "answers", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.read() as tx:
        assert cursors.get(tx, "answers") == ""


def test_a_read_transaction_may_not_write(store: Store) -> None:
    with pytest.raises((Unavailable, DBAPIError), match=r"(?i)read-?only"), store.read() as tx:
        cursors.put(tx, "answers", "1")
    with store.write() as tx:
        cursors.put(tx, "answers", "2")


def test_a_read_transaction_sees_one_moment(store: Store) -> None:
    with store.read() as before:
        assert cursors.get(before, "answers") == ""
        with store.write() as tx:
            cursors.put(tx, "answers", "1")
        assert cursors.get(before, "answers") == ""


def test_a_reference_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as tx:
        certificates.record_test(
            tx, frame=7, round_number=7, scorer="s", score_table="t", passed=True, result={}
        )


def test_a_fault_of_a_statement_is_not_taken_for_one_of_the_database(store: Store) -> None:
    with pytest.raises(DBAPIError, match="no_such_table"), store.read() as tx:
        tx.execute(text("SELECT * FROM no_such_table"))


@pytest.mark.parametrize(
    "url", ["state.db", "", "mysql://localhost/state", "sqlite://", "sqlite:///:memory:", "nonsense://x"]
)
def test_a_wrong_url_is_shown_with_the_right_form(url: str) -> None:
    with pytest.raises(InputError, match=r"state\.url: expected sqlite:///"):
        open_store(url)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(InputError) as caught:
        open_store("mysql://me:geheim@localhost/state")
    assert "geheim" not in str(caught.value)


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("id,text\n" * 1000)
    with pytest.raises(Unavailable, match=r"state\.db: file is not a database\. Restore"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "id,text\n" * 1000


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    open_store(f"sqlite:///{path}").close()
    data = bytearray(path.read_bytes())
    data[100:8192] = os.urandom(8092)
    path.write_bytes(data)
    with pytest.raises(Unavailable, match=r"state\.db: .*(malformed|not a database).*Restore"):
        open_store(f"sqlite:///{path}")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="unable to open database file"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("")
    with pytest.raises(Unavailable, match=r"the folder .* cannot be made"):
        open_store(f"sqlite:///{tmp_path}/folder/state.db")


def test_a_writer_that_does_not_end_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeling.store.database.BUSY_SECONDS", 0.1)
    store = open_store(f"sqlite:///{tmp_path}/state.db")
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="Another process holds the database"), store.write():
        pass
    other.close()
    with store.write() as tx:
        cursors.put(tx, "answers", "1")
    store.close()


def test_a_newer_schema_is_refused_with_both_revisions(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    store = open_store(url)
    with store.write() as tx:
        tx.execute(text("UPDATE quorum_version SET version_num = '9876'"))
    store.close()
    with pytest.raises(
        Unavailable, match=rf"revision 9876, this program knows up to {migrate.head()}\. Install"
    ):
        open_store(url)


def _count(url: str, start: multiprocessing.synchronize.Barrier) -> None:
    start.wait()
    store = open_store(url)
    for _ in range(TIMES):
        with store.write() as tx:
            cursors.put(tx, "count", str(int(cursors.get(tx, "count") or 0) + 1))
    store.close()


def test_processes_open_a_new_file_at_once_and_lose_no_update(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES)
    url = f"sqlite:///{tmp_path}/folder/state.db"
    processes = [context.Process(target=_count, args=(url, start)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    store = open_store(url)
    with store.read() as tx:
        assert cursors.get(tx, "count") == str(PROCESSES * TIMES)
    store.close()


KILLED = """
import sys, time
from labeling.store import cursors, open_store
with open_store(sys.argv[1]).write() as tx:
    for number in range(3000):
        cursors.put(tx, f"cursor {number}", "half done")
    print("written", flush=True)
    time.sleep(60)
"""


def test_a_process_killed_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    with subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    store = open_store(url)
    with store.write() as tx:
        assert tx.execute(table.select()).all() == []
        cursors.put(tx, "answers", "1")
    store.close()
