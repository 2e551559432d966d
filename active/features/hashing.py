"""The text part for very large pools: hashed terms, whose memory does not grow with the pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import sklearn
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from active.features.rows import Float32s, unit_rows
from active.features.text import CHUNK, singular_vectors
from active.threads import one_thread
from labeling.types import Content, FeatureMemory, State, digest_of


@dataclass(frozen=True)
class HashedText:
    """Hashed words and short runs of characters, weighed by TF-IDF, then latent semantic analysis.

    Nothing of a vocabulary is kept; the singular vectors come from a sample. (Random projections need no
    sample, but at as many dimensions classes can hardly be told apart in them.)

    Parameters
    ----------
    n_components : int
        Dimensions at most.
    n_buckets : int
        Of words and of characters each.
    word_ngrams, char_ngrams : pair of int
        Shortest and longest n-gram.
    n_iter, seed : int
        Of the randomised decomposition.

    References
    ----------
    Weinberger et al. (2009), Feature hashing for large scale multitask learning.
    """

    n_components: int = 128
    n_buckets: int = 2**17
    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] = (3, 4)
    n_iter: int = 1
    seed: int = 0
    near: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = ()

    @property
    def id(self) -> str:
        """Digest of the parameters and of the libraries' versions, not of any data."""
        return digest_of("hashing-svd", asdict(self), sklearn.__version__, np.__version__)

    def fit(self, content: Content) -> State:
        """Learn weights of buckets and the leading singular vectors.

        Returns
        -------
        weights : array of float32, shape (2 b,)
            Inverse document frequencies.
        components : array of float16, shape (2 b, d)
        """
        counts = self._counts(content.texts)
        weights = inverse_frequencies(counts)
        with one_thread():
            found = singular_vectors(weighed(counts, weights), self.n_components, self.n_iter, self.seed)
        return {"weights": weights, "components": found.astype(np.float16)}

    def rows(self, content: Content, state: State, memory: FeatureMemory) -> Float32s:
        """Place texts, shape (n, d), as unit rows; one without any term is a row of zeros."""
        components = state["components"].astype(np.float32)
        rows = np.empty((len(content), components.shape[1]), dtype=np.float32)
        for start in range(0, len(content), CHUNK):
            counts = self._counts(content.texts[start : start + CHUNK])
            rows[start : start + CHUNK] = unit_rows(weighed(counts, state["weights"]) @ components)
        return rows

    def _counts(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Count hashed terms, with damped counts, shape (n, 2 b)."""
        if not len(texts):
            return sp.csr_matrix((0, 2 * self.n_buckets), dtype=np.float32)
        words = self._hasher("word", self.word_ngrams).transform(texts)
        characters = self._hasher("char_wb", self.char_ngrams).transform(texts)
        counts = sp.hstack([words, characters], format="csr", dtype=np.float32)
        counts.data = 1 + np.log(counts.data)
        return counts

    def _hasher(self, analyzer: str, ngrams: tuple[int, int]) -> HashingVectorizer:
        return HashingVectorizer(
            analyzer=analyzer,
            ngram_range=ngrams,
            n_features=self.n_buckets,
            alternate_sign=False,
            norm=None,
            dtype=np.float32,
        )


def inverse_frequencies(counts: sp.csr_matrix) -> npt.NDArray[np.float32]:
    """Give ``log((1 + n) / (1 + df)) + 1`` of each column of counts, shape (n, b), as scikit-learn does."""
    found = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + found)) + 1, dtype=np.float32)


def weighed(counts: sp.csr_matrix, weights: npt.NDArray[np.float32]) -> sp.csr_matrix:
    """Weigh columns and scale rows to unit length."""
    return normalize(counts @ sp.diags(weights)) if counts.shape[0] else counts
