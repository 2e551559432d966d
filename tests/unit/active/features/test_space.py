import numpy as np
import pytest

from active.features import space as module
from active.features.fields import Fields
from active.features.presets import new_space, text_space
from active.features.space import FeatureSpace, spread
from active.features.text import TfidfText
from labeling.errors import InputError
from tests.feature_contents import Forgetful, content_of, features_of

TEXTS = [
    f"{verb} the {noun} {i % 7}" for i in range(6) for verb in ("love", "visit") for noun in ("song", "ad")
]


def test_new_items_change_nothing_of_the_others() -> None:
    space, pool = text_space(), content_of(TEXTS)
    state = space.fit(pool, Forgetful())
    before = space.features(pool, state, Forgetful())
    grown = content_of([*TEXTS, "love the new song", "visit nothing"])
    after = space.features(grown, state, Forgetful())
    np.testing.assert_array_equal(after[: len(TEXTS)], before)
    assert np.isfinite(after).all()


def test_a_new_item_does_not_depend_on_other_new_items() -> None:
    space, pool = text_space(), content_of(TEXTS)
    state = space.fit(pool, Forgetful())
    together = space.features(content_of([*TEXTS, "love the new song", "visit it"]), state, Forgetful())
    new = content_of([*[""] * len(TEXTS), "love the new song"]).take(np.array([len(TEXTS)]))
    np.testing.assert_allclose(space.features(new, state, Forgetful())[0], together[-2], atol=1e-6)


def test_a_new_item_is_drawn_towards_its_neighbours() -> None:
    smooth, rough = text_space(), FeatureSpace((TfidfText(),), smoothing=False)
    pool, new = content_of(TEXTS), content_of([*TEXTS, "love the song and more"])
    rows = [s.features(new, s.fit(pool, Forgetful()), Forgetful()) for s in (smooth, rough)]
    drawn, bare = ((r[:-1] @ r[-1])[[i for i, t in enumerate(TEXTS) if "love the song" in t]] for r in rows)
    assert drawn.mean() > bare.mean() + 0.02


def test_a_large_pool_is_represented_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FITTED_ON", 10)
    monkeypatch.setattr(module, "REFERENCE", 15)
    space, pool = text_space(), content_of(TEXTS)
    state = space.fit(pool, Forgetful())
    assert len(state[module.DIGESTS]) == 15
    rows = space.features(pool, state, Forgetful())
    assert rows.shape[0] == len(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)


def test_a_sample_is_the_same_for_any_order() -> None:
    pool = content_of(TEXTS)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    here = pool.digests[spread(pool, 9)]
    there = pool.take(order).digests[spread(pool.take(order), 9)]
    assert {*here} == {*there}
    assert len(here) == 9


def test_fields_stand_beside_the_text_and_are_not_smoothed() -> None:
    pool = content_of(TEXTS, length=[len(t) for t in TEXTS])
    space = FeatureSpace((TfidfText(), Fields(("length",))))
    rows = features_of(pool, space)
    alone = features_of(pool, FeatureSpace((Fields(("length",)),)))
    np.testing.assert_array_equal(rows[:, -alone.shape[1] :], alone)
    np.testing.assert_allclose(rows[:, : -alone.shape[1]], features_of(pool), rtol=1e-5)
    assert space.fields == ("length",)


def test_fields_alone_do() -> None:
    pool = content_of([""] * 4, age=[1, 2, None, 70])
    space = FeatureSpace((Fields(("age",)),))
    assert features_of(pool, space).shape == (4, 2)


@pytest.mark.parametrize("texts", [[], [""], ["one"]])
def test_tiny_pools_work(texts: list[str]) -> None:
    assert features_of(content_of(texts)).shape[0] == len(texts)


def test_ids_tell_spaces_apart() -> None:
    spaces = [
        text_space(),
        text_space(seed=1),
        FeatureSpace((TfidfText(),), smoothing=False),
        FeatureSpace((TfidfText(), Fields(("a",)))),
        FeatureSpace((Fields(("a",)),)),
    ]
    assert len({space.id for space in spaces}) == 5
    assert text_space().id == spaces[0].id


def test_presets(tmp_path) -> None:  # type: ignore[no-untyped-def]
    def made(features: str, *fields: str, has_text: bool = True) -> FeatureSpace:
        return new_space(features, fields, has_text=has_text, embeddings=None, root=tmp_path, seed=3)

    assert made("tfidf").id == text_space(3).id
    assert [type(p).__name__ for p in made("embeddings", "a").parts] == ["TfidfText", "Embeddings", "Fields"]
    assert not made("hashing").smoothing
    assert [type(p).__name__ for p in made("tfidf", "a", has_text=False).parts] == ["Fields"]
    (tmp_path / "mine.py").write_text("from sklearn.preprocessing import StandardScaler as Scaler\n")
    assert made("mine.py:Scaler", "a", has_text=False).fields == ("a",)
    with pytest.raises(InputError, match=r"learner.features: mine.py:Nobody cannot be loaded"):
        made("mine.py:Nobody")
