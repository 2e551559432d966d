from __future__ import annotations

from labeling.store import Store, cursors


def test_a_cursor_begins_empty_and_moves(store: Store) -> None:
    with store.write() as tx:
        assert cursors.get(tx, "answers") == ""
        cursors.put(tx, "answers", "1")
        cursors.put(tx, "answers", "2")
        cursors.put(tx, "batches", "x")
        assert (cursors.get(tx, "answers"), cursors.get(tx, "batches")) == ("2", "x")
