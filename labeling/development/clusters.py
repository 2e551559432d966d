"""Clusters of texts: what a group of similar ones has in common, in words."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import normalize

from labeling.development.terms import term_matrix
from labeling.types import Floats, Ints

MOST_CLUSTERS = 8
SMALLEST_CLUSTER = 5
"""Texts of a cluster, on average, below which there are fewer clusters."""
LEAST_TEXTS = 2
"""Texts that a term must occur in to count."""
MANY = 10_000
"""Texts from which clusters are found in small batches."""
SALIENT = 6


@dataclass(frozen=True)
class TextCluster:
    """Similar texts: their number, the terms that set them apart, and the most typical, by index.

    ``cohesion`` is the mean cosine of the texts with their centre.
    """

    size: int
    terms: tuple[str, ...]
    typical: tuple[int, ...]
    cohesion: float


def cluster_texts(texts: Sequence[str], *, examples: int = 2, seed: int = 0) -> list[TextCluster]:
    """Group texts by their terms (TF-IDF, k-means), the largest cluster first.

    Texts without a term that occurs twice belong to no cluster.

    Parameters
    ----------
    texts : sequence of str, length n
    examples : int
        Typical texts given of each cluster.
    seed : int
    """
    matrix, terms = term_matrix(texts, LEAST_TEXTS)
    rows = np.flatnonzero(matrix.getnnz(axis=1))
    if not len(rows):
        return []
    vectors = csr_matrix(TfidfTransformer(sublinear_tf=True).fit_transform(matrix[rows]))
    assigned, centres = _k_means(vectors, seed)
    closeness = _closeness(vectors, centres, assigned)
    overall = _mean(vectors)
    found = []
    for c in np.unique(assigned):
        members = np.flatnonzero(assigned == c)
        nearest = members[np.argsort(-closeness[members], kind="stable")]
        found.append(
            TextCluster(
                size=len(members),
                terms=salient_terms(_mean(vectors[members]), overall, terms),
                typical=tuple(_distinct(texts, rows[nearest], examples)),
                cohesion=float(closeness[members].mean()),
            )
        )
    return sorted(found, key=lambda cluster: -cluster.size)


def leftover(clusters: Sequence[TextCluster], n: int) -> TextCluster | None:
    """Give the cluster that says nothing: more than half of n texts, which hold together less than any other.

    K-means puts there what fits nowhere; None where there is no such cluster, or no other one.
    """
    if len(clusters) < 2:
        return None
    loosest = min(clusters, key=lambda cluster: cluster.cohesion)
    return loosest if 2 * loosest.size > n else None


def salient_terms(
    mean: Floats, overall: Floats, terms: npt.NDArray[np.object_], most: int = SALIENT
) -> tuple[str, ...]:
    """Give the terms that weigh more in a cluster than in all texts, the most salient first.

    Parameters
    ----------
    mean, overall : array, shape (t,)
        Mean weight of each term in the cluster and in all texts.
    terms : array of str, shape (t,)
    most : int
    """
    lead = mean - overall
    order = np.argsort(-lead, kind="stable")[:most]
    return tuple(str(terms[i]) for i in order if lead[i] > 0)


def _k_means(vectors: csr_matrix, seed: int) -> tuple[Ints, Floats]:
    wanted = max(1, min(MOST_CLUSTERS, vectors.shape[0] // SMALLEST_CLUSTER))
    if vectors.shape[0] >= MANY:
        model = MiniBatchKMeans(wanted, random_state=seed, n_init=3, batch_size=4096)
    else:
        model = KMeans(wanted, random_state=seed, n_init=5)
    with warnings.catch_warnings():
        # Fewer distinct texts than clusters: then there are fewer clusters.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(vectors)
    return np.asarray(model.labels_), np.asarray(model.cluster_centers_)


def _closeness(vectors: csr_matrix, centres: Floats, assigned: Ints) -> Floats:
    """Give the cosine of each text with its cluster's centre, shape (n,)."""
    similarity = vectors @ normalize(centres).T
    return np.asarray(similarity[np.arange(len(assigned)), assigned])


def _mean(vectors: csr_matrix) -> Floats:
    return np.asarray(vectors.mean(axis=0)).ravel()


def _distinct(texts: Sequence[str], rows: Iterable[int], most: int) -> list[int]:
    """Give the first rows, at most ``most``, whose texts differ."""
    chosen: dict[str, int] = {}
    for i in rows:
        if len(chosen) == most:
            break
        chosen.setdefault(texts[i], int(i))
    return list(chosen.values())
