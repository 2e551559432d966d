from __future__ import annotations

from dataclasses import replace

from labeling.store import ManifestEntry, Store, manifest

ENTRY = ManifestEntry("votes", "0/keyword", "votes/aa.parquet", "aa", 3, {"classes": ["HAM"], "soft": False})


def test_an_entry_comes_back_as_it_was(store: Store) -> None:
    with store.write() as tx:
        assert manifest.find(tx, "votes", "0/keyword") is None
        manifest.record(tx, ENTRY)
    with store.read() as tx:
        assert manifest.find(tx, "votes", "0/keyword") == ENTRY
        assert manifest.find(tx, "items", "0/keyword") is None


def test_the_same_again_is_one_row(store: Store) -> None:
    with store.write() as tx:
        manifest.record(tx, ENTRY)
        manifest.record(tx, replace(ENTRY))
        assert manifest.entries(tx, "votes") == [ENTRY]


def test_another_content_replaces_the_row(store: Store) -> None:
    other = replace(ENTRY, digest="bb", path="votes/bb.parquet", rows=4, meta={})
    with store.write() as tx:
        manifest.record(tx, ENTRY)
        manifest.record(tx, other)
        assert manifest.entries(tx) == [other]


def test_entries_are_listed_by_kind_in_order_of_keys(store: Store) -> None:
    with store.write() as tx:
        for kind, key in [("votes", "2"), ("items", "1"), ("votes", "1")]:
            manifest.record(tx, replace(ENTRY, kind=kind, key=key))
        assert [entry.key for entry in manifest.entries(tx, "votes")] == ["1", "2"]
        assert [entry.kind for entry in manifest.entries(tx)] == ["items", "votes", "votes"]
