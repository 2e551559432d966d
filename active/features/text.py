"""The text part: TF-IDF of words and of characters within words, reduced to dense unit rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

from active.features.rows import Float32s, unit_rows
from active.threads import one_thread
from labeling.types import Content, FeatureMemory, State, digest_of

SMALL_POOL = 50
"""Texts below which every term counts; above, a term needs two texts."""

BEGINNING = "beginoftext "
"""Stands before each text, so that n-grams tell with which words it begins."""

CHUNK = 4096


@dataclass(frozen=True)
class TfidfText:
    """TF-IDF with sublinear counts, then latent semantic analysis.

    Parameters
    ----------
    n_components : int
        Dimensions at most; a small pool or vocabulary has fewer.
    word_ngrams, char_ngrams : pair of int
        Shortest and longest n-gram.
    max_terms : int
        The most frequent terms that are kept, of words and of characters each.
    n_iter : int
        Power iterations of the randomised decomposition.
    seed : int
        Of that decomposition.

    References
    ----------
    Deerwester et al. (1990), Indexing by latent semantic analysis.
    Halko et al. (2011), Finding structure with randomness.
    """

    n_components: int = 512
    word_ngrams: tuple[int, int] = (1, 3)
    char_ngrams: tuple[int, int] = (2, 5)
    max_terms: int = 100_000
    n_iter: int = 1
    seed: int = 0
    near: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = ()

    @property
    def id(self) -> str:
        """Digest of the parameters and of the libraries' versions, not of any data."""
        return digest_of("tfidf-svd", asdict(self), BEGINNING, sklearn.__version__, np.__version__)

    def fit(self, content: Content) -> State:
        """Learn terms, their weights and the leading singular vectors.

        Returns
        -------
        words, characters : array of str
            Vocabularies, t terms together.
        word_weights, character_weights : array of float32
            Inverse document frequencies.
        components : array of float16, shape (t, d), d >= 1
        """
        words, word_terms = self._learnt(self._words(), content.texts)
        characters, character_terms = self._learnt(self._characters(), content.texts)
        terms = sp.hstack([word_terms, character_terms], format="csr", dtype=np.float32)
        with one_thread():
            components = singular_vectors(terms, self.n_components, self.n_iter, self.seed)
        state = {"words": words.terms, "word_weights": words.weights}
        state |= {"characters": characters.terms, "character_weights": characters.weights}
        return {**state, "components": components.astype(np.float16)}

    def rows(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place texts, shape (n, d), as unit rows; one without any known term is a row of zeros."""
        words = Vocabulary(state["words"], state["word_weights"])
        characters = Vocabulary(state["characters"], state["character_weights"])
        weighers = (words.vectorizer(self._words()), characters.vectorizer(self._characters()))
        components = state["components"].astype(np.float32)
        rows = np.empty((len(content), components.shape[1]), dtype=np.float32)
        for start in range(0, len(content), CHUNK):
            texts = content.texts[start : start + CHUNK]
            terms = sp.hstack([weighed(v, texts) for v in weighers], format="csr", dtype=np.float32)
            rows[start : start + CHUNK] = unit_rows(terms @ components)
        return rows

    def _words(self) -> dict[str, Any]:
        return {"analyzer": "word", "ngram_range": self.word_ngrams, "preprocessor": begun}

    def _characters(self) -> dict[str, Any]:
        return {"analyzer": "char_wb", "ngram_range": self.char_ngrams}

    def _learnt(self, kind: dict[str, Any], texts: Sequence[str]) -> tuple[Vocabulary, sp.csr_matrix]:
        return learn_terms(texts, kind, self.max_terms)


@dataclass(frozen=True)
class Vocabulary:
    """Terms, shape (t,), with their inverse document frequencies, shape (t,)."""

    terms: npt.NDArray[np.object_]
    weights: Float32s

    def vectorizer(self, kind: dict[str, Any]) -> TfidfVectorizer | None:
        """Give what weighs these terms in texts; None where there is no term."""
        if not len(self.terms):
            return None
        terms = {term: i for i, term in enumerate(self.terms)}
        vectorizer = TfidfVectorizer(**kind, vocabulary=terms, sublinear_tf=True, dtype=np.float32)
        vectorizer.idf_ = self.weights
        return vectorizer


NO_TERMS = Vocabulary(np.empty(0, dtype=object), np.empty(0, dtype=np.float32))


def begun(text: str) -> str:
    """Give a text in lower case with a mark where it begins."""
    return BEGINNING + text.lower()


def learn_terms(
    texts: Sequence[str], kind: dict[str, Any], max_terms: int
) -> tuple[Vocabulary, sp.csr_matrix]:
    """Learn the n-grams of texts and weigh them by TF-IDF.

    Parameters
    ----------
    kind : dict
        Of n-gram, as arguments of scikit-learn's vectorizer.

    Returns
    -------
    vocabulary : Vocabulary
        Of t terms; none where none is frequent enough.
    weights : sparse matrix of float32, shape (n, t)
        Unit rows.
    """
    vectorizer = TfidfVectorizer(
        **kind,
        min_df=1 if len(texts) < SMALL_POOL else 2,
        max_features=max_terms,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # what scikit-learn raises for an empty vocabulary, under two wordings
        return NO_TERMS, sp.csr_matrix((len(texts), 0), dtype=np.float32)
    terms = np.array(vectorizer.get_feature_names_out(), dtype=object)
    return Vocabulary(terms, vectorizer.idf_.astype(np.float32)), weights


def weighed(vectorizer: TfidfVectorizer | None, texts: Sequence[str]) -> sp.csr_matrix:
    """Weigh the terms of texts, shape (n, t)."""
    if vectorizer is None:
        return sp.csr_matrix((len(texts), 0), dtype=np.float32)
    return vectorizer.transform(texts)


def singular_vectors(terms: sp.csr_matrix, n_components: int, n_iter: int, seed: int) -> Float32s:
    """Give leading right singular vectors of ``terms``, shape (n, t), as columns, shape (t, d), d >= 1."""
    n_components = min(n_components, *terms.shape)
    if n_components == 0:
        return np.zeros((terms.shape[1], 1), dtype=np.float32)
    _, _, right = randomized_svd(terms, n_components, n_iter=n_iter, random_state=seed)
    return np.ascontiguousarray(right.T, dtype=np.float32)
