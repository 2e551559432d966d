import numpy as np
import pytest

from active.features import unit_rows
from active.features.hashing import HashedText, inverse_frequencies
from active.features.text import BEGINNING, TfidfText, learn_terms, singular_vectors
from tests.feature_contents import Forgetful, content_of

SONGS = ["love this song", "i love this song so much", "this song is love", "great song great voice"]
ADVERTS = [
    "subscribe to my channel",
    "please subscribe my channel",
    "check out my channel",
    "visit my channel",
]
WORDS = {"analyzer": "word", "ngram_range": (1, 1)}

PARTS = pytest.mark.parametrize("part", [TfidfText(), HashedText()], ids=["tfidf", "hashing"])


def placed(part: TfidfText | HashedText, texts: list[str], fitted_on: list[str] | None = None) -> np.ndarray:
    state = part.fit(content_of(texts if fitted_on is None else fitted_on))
    return part.rows(content_of(texts), state, Forgetful())


@PARTS
def test_rows_are_unit_float32_and_as_many_as_texts(part: TfidfText | HashedText) -> None:
    rows = placed(part, SONGS + ADVERTS)
    assert rows.dtype == np.float32
    assert rows.shape[0] == 8
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)


@PARTS
def test_texts_on_one_topic_lie_closer_than_across(part: TfidfText | HashedText) -> None:
    rows = placed(part, SONGS + ADVERTS)
    cosines = rows @ rows.T
    assert cosines[:4, :4].mean() > cosines[:4, 4:].mean() + 0.2


@PARTS
@pytest.mark.parametrize("texts", [[], [""], ["one"], ["", "  ", "\n"], ["a", "b", "c"], ["same"] * 60])
def test_small_and_empty_pools_work(part: TfidfText | HashedText, texts: list[str]) -> None:
    rows = placed(part, texts)
    assert rows.shape[0] == len(texts)
    assert rows.shape[1] >= 1
    assert np.isfinite(rows).all()


@PARTS
def test_a_row_depends_on_its_own_text_alone(part: TfidfText | HashedText) -> None:
    whole = placed(part, SONGS + ADVERTS)
    alone = placed(part, ADVERTS[:1], fitted_on=SONGS + ADVERTS)
    np.testing.assert_allclose(alone[0], whole[4], atol=1e-6)


@PARTS
def test_chunks_change_nothing(part: TfidfText | HashedText, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = placed(part, SONGS + ADVERTS)
    monkeypatch.setattr("active.features.text.CHUNK", 3)
    monkeypatch.setattr("active.features.hashing.CHUNK", 3)
    np.testing.assert_allclose(placed(part, SONGS + ADVERTS), whole, atol=1e-6)


@PARTS
def test_the_same_seed_gives_the_same_rows(part: TfidfText | HashedText) -> None:
    texts = [f"{a} {b}" for a in SONGS for b in ADVERTS]
    np.testing.assert_array_equal(placed(part, texts), placed(part, texts))


def test_the_id_depends_on_parameters_and_on_no_data() -> None:
    ids = [TfidfText().id, TfidfText(seed=1).id, TfidfText(n_components=8).id, HashedText().id]
    assert len({*ids, HashedText(n_components=8).id}) == 5
    assert TfidfText().id == ids[0]


def test_unknown_terms_say_nothing() -> None:
    known = placed(TfidfText(), ["love this song"], fitted_on=SONGS + ADVERTS)
    more = placed(TfidfText(), ["love this song qqqqq"], fitted_on=SONGS + ADVERTS)
    assert (known * more).sum() > 0.95
    assert not placed(HashedText(), [""], fitted_on=SONGS).any()


def test_the_beginning_of_a_text_counts() -> None:
    what = ["what time is it", "what day is it"]
    other = ["it is what day", "it is what time"]
    vocabulary, _ = learn_terms(
        what + other, {"analyzer": "word", "ngram_range": (2, 2), "preprocessor": lambda t: BEGINNING + t}, 99
    )
    assert f"{BEGINNING}what" in vocabulary.terms
    assert f"{BEGINNING}it" in vocabulary.terms


def test_rare_terms_count_in_small_pools_only() -> None:
    assert learn_terms(["a1 b1", "a1 c1"], WORDS, 100)[1].shape == (2, 3)
    assert learn_terms([f"only{i}" for i in range(60)], WORDS, 100)[1].shape == (60, 0)


def test_the_most_frequent_terms_are_kept() -> None:
    vocabulary, weights = learn_terms(["aa bb", "aa cc", "aa bb"], WORDS, 2)
    assert sorted(vocabulary.terms) == ["aa", "bb"]
    assert weights.shape == (3, 2)


def test_a_stored_vocabulary_weighs_as_the_fitted_one() -> None:
    vocabulary, weights = learn_terms(SONGS, WORDS, 100)
    again = vocabulary.vectorizer(WORDS)
    assert again is not None
    np.testing.assert_allclose(again.transform(SONGS).toarray(), weights.toarray(), rtol=1e-6)


def test_the_projection_keeps_inner_products_where_it_has_full_rank() -> None:
    _, terms = learn_terms(SONGS, WORDS, 100)
    rows = terms @ singular_vectors(terms, 10, 4, seed=0)
    np.testing.assert_allclose(rows @ rows.T, (terms @ terms.T).toarray(), atol=1e-5)


def test_hashed_weights_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfTransformer

    counts = HashedText(n_buckets=16)._counts(SONGS + ADVERTS)
    expected = TfidfTransformer().fit(counts).idf_
    np.testing.assert_allclose(inverse_frequencies(counts), expected, rtol=1e-6)


def test_unit_rows_leaves_zeros() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], rtol=1e-6)
