from __future__ import annotations

import pytest

from labeling.store import ManifestEntry, Store, frames, manifest


def test_there_is_no_frame_at_first(store: Store) -> None:
    with store.write() as tx:
        assert frames.current(tx) is None
        with pytest.raises(ValueError, match="no audit frame"):
            frames.raise_rate(tx, 0.5)


def test_a_new_frame_retires_the_present_one(store: Store) -> None:
    with store.write() as tx:
        first = frames.open_frame(tx, "salt", 0.25)
        assert frames.current(tx) == first
        second = frames.open_frame(tx, "pepper", 0.1)
        assert frames.current(tx) == second
    assert (first.number, second.number, second.salt, second.rate) == (1, 2, "pepper", 0.1)


def test_a_frame_knows_what_was_drawn_for_it(store: Store) -> None:
    with store.write() as tx:
        standing = frames.open_frame(tx, "salt", 0.25)
        drawn = frames.open_frame(tx, "seed", 0.0)
        meta = {"drawn": ["a", "b"]}
        manifest.record(tx, ManifestEntry(frames.DRAW, str(drawn.number), "draw/x", "x", 2, meta))
        found = frames.current(tx)
        former = frames.find(tx, standing.number)
    assert found is not None
    assert former is not None
    assert (found.drawn, former.drawn) == ({"a", "b"}, None)


def test_the_rate_is_raised_and_never_lowered(store: Store) -> None:
    with store.write() as tx:
        frames.open_frame(tx, "salt", 0.25)
        frames.raise_rate(tx, 0.25)
        frames.raise_rate(tx, 0.5)
        with pytest.raises(ValueError, match=r"0\.5 and may not be lowered to 0\.4"):
            frames.raise_rate(tx, 0.4)
        frame = frames.current(tx)
    assert frame is not None
    assert (frame.number, frame.rate) == (1, 0.5)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_a_share(store: Store, rate: float) -> None:
    with pytest.raises(ValueError, match=r"expected a number in \[0, 1\]"), store.write() as tx:
        frames.open_frame(tx, "salt", rate)
