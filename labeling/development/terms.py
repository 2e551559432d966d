"""Terms of texts: words and pairs of neighbouring words, in lower case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

PHRASE = re.compile(r"\w+(?: \w+)*")
"""Words with single spaces between them: a pair of them stands in the text as it is written."""
MOST_TERMS = 50_000
MARKUP = frozenset({"amp", "apos", "br", "gt", "lt", "nbsp", "quot", "http", "https", "www"})
"""What is left of HTML and addresses."""
NOTHING, FUNCTION, CONTENT = range(3)


def terms_of(text: str) -> Iterator[str]:
    """Give the words of a text and the pairs of words with nothing but a space between them.

    English function words stand in no term but beside another word; single characters, numbers and
    remains of HTML and addresses in none.

    Examples
    --------
    >>> list(terms_of("Free money, why wait for me"))
    ['free', 'money', 'free money', 'wait', 'why wait', 'wait for']
    """
    for phrase in PHRASE.findall(text.lower()):
        words = phrase.split(" ")
        kinds = [_kind(word) for word in words]
        yield from (word for word, kind in zip(words, kinds, strict=True) if kind == CONTENT)
        yield from (
            f"{a} {b}"
            for (a, b), pair in zip(pairwise(words), pairwise(kinds), strict=True)
            if CONTENT in pair and NOTHING not in pair
        )


def _kind(word: str) -> int:
    if len(word) < 2 or word.isdecimal() or word in MARKUP:
        return NOTHING
    return FUNCTION if word in ENGLISH_STOP_WORDS else CONTENT


def term_matrix(texts: Sequence[str], least: int) -> tuple[csr_matrix, npt.NDArray[np.object_]]:
    """Tell which texts hold which terms.

    Parameters
    ----------
    texts : sequence of str, length n
    least : int
        Texts that a term must occur in.

    Returns
    -------
    matrix : csr_matrix of float64 0 and 1, shape (n, t)
    terms : array of str, shape (t,)
        At most ``MOST_TERMS``, the most frequent.
    """
    vectorizer = CountVectorizer(
        analyzer=terms_of, binary=True, min_df=least, max_features=MOST_TERMS, dtype=np.float64
    )
    try:
        matrix = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's word for: no term occurs often enough
        return csr_matrix((len(texts), 0)), np.empty(0, dtype=object)
    return csr_matrix(matrix), vectorizer.get_feature_names_out()
