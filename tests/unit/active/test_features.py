import numpy as np
import pytest

from active.features import TfidfSpace, latent, term_weights, unit_rows

SONGS = ["love this song", "i love this song so much", "this song is love", "great song great voice"]
ADVERTS = [
    "subscribe to my channel",
    "please subscribe my channel",
    "check out my channel",
    "visit my channel",
]


def test_rows_are_unit_float32_and_as_many_as_texts() -> None:
    rows = TfidfSpace().fit_transform(SONGS + ADVERTS)
    assert rows.dtype == np.float32
    assert rows.shape[0] == 8
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)


def test_texts_on_one_topic_lie_closer_than_across() -> None:
    cosines = TfidfSpace(n_components=4).fit_transform(SONGS + ADVERTS)
    cosines = cosines @ cosines.T
    assert cosines[:4, :4].mean() > cosines[:4, 4:].mean() + 0.3


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["", "  ", "\n"], ["a", "b", "c"], ["same"] * 60])
def test_small_and_empty_pools_work(texts: list[str]) -> None:
    rows = TfidfSpace().fit_transform(texts)
    assert rows.shape[0] == len(texts)
    assert rows.shape[1] >= 1
    assert np.isfinite(rows).all()


def test_an_empty_text_among_others_is_a_row_of_zeros() -> None:
    rows = TfidfSpace().fit_transform([*SONGS, ""])
    assert not rows[-1].any()
    assert rows[:-1].any(axis=1).all()


def test_the_same_seed_gives_the_same_rows() -> None:
    texts = [f"{a} {b}" for a in SONGS for b in ADVERTS]
    np.testing.assert_array_equal(
        TfidfSpace(seed=3).fit_transform(texts), TfidfSpace(seed=3).fit_transform(texts)
    )


def test_the_id_depends_on_parameters_and_on_no_data() -> None:
    space = TfidfSpace()
    before = space.id
    space.fit_transform(SONGS)
    assert space.id == before == TfidfSpace().id
    assert len({before, TfidfSpace(seed=1).id, TfidfSpace(n_components=8).id}) == 3


def test_rare_terms_count_in_small_pools_only() -> None:
    assert term_weights(["a1 b1", "a1 c1"], "word", (1, 1), 100).shape == (2, 3)
    assert term_weights([f"only{i}" for i in range(60)], "word", (1, 1), 100).shape == (60, 0)


def test_the_most_frequent_terms_are_kept() -> None:
    assert term_weights(["aa bb", "aa cc", "aa bb"], "word", (1, 1), 2).shape == (3, 2)


def test_the_projection_keeps_inner_products_where_it_has_full_rank() -> None:
    terms = term_weights(SONGS, "word", (1, 2), 100)
    rows = latent(terms, 10, seed=0)
    np.testing.assert_allclose(rows @ rows.T, (terms @ terms.T).toarray(), atol=1e-5)


def test_unit_rows_leaves_zeros() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], rtol=1e-6)
