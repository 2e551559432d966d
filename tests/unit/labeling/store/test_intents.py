from __future__ import annotations

from labeling.store import Store, intents


def test_an_intent_is_open_until_it_is_done(store: Store) -> None:
    with store.write() as tx:
        first = intents.intend(tx, "push", {"tasks": ["a", "b"]})
        second = intents.intend(tx, "push", {})
        intents.intend(tx, "withdraw", {"tasks": []})
        assert [(i.id, i.payload) for i in intents.open_intents(tx, "push")] == [
            (first, {"tasks": ["a", "b"]}),
            (second, {}),
        ]
        intents.done(tx, first)
        intents.done(tx, first)
        assert [i.id for i in intents.open_intents(tx, "push")] == [second]
        assert [i.kind for i in intents.open_intents(tx, "withdraw")] == ["withdraw"]
