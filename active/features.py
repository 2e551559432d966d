"""The text feature space: TF-IDF of words and characters, reduced to dense unit rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

from labeling.types import digest_of

Float32s = npt.NDArray[np.float32]

SMALL_POOL = 50
"""Texts below which every term counts; above, a term needs two texts."""


@dataclass(frozen=True)
class TfidfSpace:
    """TF-IDF of words and of characters within words, then latent semantic analysis.

    Parameters
    ----------
    n_components : int
        Dimensions at most; a small pool or vocabulary has fewer.
    word_ngrams, char_ngrams : pair of int
        Shortest and longest n-gram.
    max_terms : int
        The most frequent terms that are kept, of words and of characters each.
    seed : int
        Of the randomised decomposition.

    References
    ----------
    Deerwester et al. (1990), Indexing by latent semantic analysis.
    """

    n_components: int = 256
    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] = (2, 5)
    max_terms: int = 100_000
    seed: int = 0

    @property
    def id(self) -> str:
        """Digest of the parameters and of the libraries' versions, not of any data."""
        return digest_of("tfidf-svd", asdict(self), sklearn.__version__, np.__version__)

    def fit_transform(self, texts: Sequence[str]) -> Float32s:
        """Learn the space of ``texts`` and place them in it.

        Parameters
        ----------
        texts : sequence of str, length n
            May be empty strings.

        Returns
        -------
        array of float32, shape (n, d), d <= n_components
            Rows of unit length; a text without any known term is a row of zeros.
        """
        terms = sp.hstack([self._words(texts), self._characters(texts)], format="csr", dtype=np.float32)
        return unit_rows(latent(terms, self.n_components, self.seed))

    def _words(self, texts: Sequence[str]) -> sp.csr_matrix:
        return term_weights(texts, "word", self.word_ngrams, self.max_terms)

    def _characters(self, texts: Sequence[str]) -> sp.csr_matrix:
        return term_weights(texts, "char_wb", self.char_ngrams, self.max_terms)


def term_weights(
    texts: Sequence[str], analyzer: str, ngrams: tuple[int, int], max_terms: int
) -> sp.csr_matrix:
    """Weigh the n-grams of each text by TF-IDF with sublinear counts.

    Returns
    -------
    sparse matrix of float32, shape (n, t)
        Unit rows; t is 0 where no term is frequent enough.
    """
    vectorizer = TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=ngrams,
        min_df=1 if len(texts) < SMALL_POOL else 2,
        max_features=max_terms,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        return vectorizer.fit_transform(texts)
    except ValueError:  # what scikit-learn raises for an empty vocabulary, under two wordings
        return sp.csr_matrix((len(texts), 0), dtype=np.float32)


def latent(terms: sp.csr_matrix, n_components: int, seed: int) -> Float32s:
    """Project rows of ``terms``, shape (n, t), onto the leading singular vectors, shape (n, d), d >= 1."""
    n_components = min(n_components, *terms.shape)
    if n_components == 0:
        return np.zeros((terms.shape[0], 1), dtype=np.float32)
    left, singular, _ = randomized_svd(terms, n_components, random_state=seed)
    return np.asarray(left * singular, dtype=np.float32)


def unit_rows(rows: Float32s) -> Float32s:
    """Scale each row to unit length; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
