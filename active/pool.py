"""A pool with votes as the end model takes it: features, one-hot votes and experts in one row per item."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.special import softmax

from active.estimator import LOG_ODDS
from active.evidence import loss_of, representative_weights, text_relation
from active.experts import Experts, log_posterior_of, one_hot_votes, vote_log_posterior
from active.features import Float32s
from active.views import EXPERT_TRUST, Layout
from labeling.types import Bools, Floats, Ints, VoteMatrix

UNRELATED = -2.0
"""Standard errors below which text that was fitted to votes misleads about other votes."""

UNRELATED_LOG_ODDS = (-6.0, -6.0, 0.0)

NAIVE_BAYES, LABEL_MODEL = "naive Bayes", "the label model"


@dataclass(frozen=True)
class VotedPool:
    """Features and what is said of the votes on n items, without any human label.

    Parameters
    ----------
    rows : array of float32, shape (n, d + c + 2 k)
        Features, one-hot votes and what one of ``experts`` says, held once: pools are large. The features
        alone, as they came, where there are no votes.
    layout : Layout
        Of the rows.
    experts : tuple of Experts
        Ways to weigh the votes, the default first; none where there are no votes.
    covered : mask, shape (n,)
    relation : float
        How surely text says anything of the votes, in standard errors.
    """

    rows: Float32s = field(repr=False)
    layout: Layout
    experts: tuple[Experts, ...]
    covered: Bools = field(repr=False)
    relation: float

    @classmethod
    def of(cls, features: Float32s, votes: VoteMatrix, posterior: Floats | None, seed: int) -> VotedPool:
        """Fit what votes alone say; ``posterior``, shape (n, k), is a label model's."""
        k, d = votes.n_classes, features.shape[1]
        if not votes.covered.any():
            return cls(features, Layout(d, 0, 0, k), (), votes.covered, 0.0)
        soft = {votes.voters.index(name): likelihood for name, likelihood in votes.soft.items()}
        said = {NAIVE_BAYES: vote_log_posterior(votes.hard, k, soft)}
        if posterior is not None:
            said[LABEL_MODEL] = log_posterior_of(posterior)
        experts = tuple(Experts.carried(n, p, features, votes.covered, seed) for n, p in said.items())
        one_hot = one_hot_votes(votes.hard, k)
        relation = text_relation(experts[0].weak_text, said[NAIVE_BAYES], votes.covered, seed)
        layout = Layout(d, one_hot.shape[1], 2, k)
        return cls(described(features, one_hot, experts[0]), layout, experts, votes.covered, relation)

    @property
    def features(self) -> Float32s:
        """Leading columns of the rows, shape (n, d)."""
        return self.layout.features(self.rows)

    @property
    def related(self) -> bool:
        """Whether text tells of the votes: if not, they are about something else, or about nothing."""
        return self.relation > UNRELATED

    @property
    def log_odds(self) -> tuple[float, ...]:
        """Of the end model's views before any label."""
        return tuple(LOG_ODDS) if self.related else UNRELATED_LOG_ODDS

    def weighed(self, labelled: Ints, labels: Ints, sure: Floats) -> tuple[Float32s, Floats, tuple[str, ...]]:
        """Give rows, shape (n, d + c + 2 k), what each label counts as evidence, shape (l,), and remarks.

        The votes are weighed by the expert with the lower log-loss on the labels.
        """
        if not self.experts:
            return self.rows, sure, ()
        evidence = sure * representative_weights(self._proba(self.experts[0]), self.covered, labelled)
        chosen, remarks = self._better(labelled, labels, evidence)
        doubted = () if self.related else (UNRELATED_WORD,)
        self.rows[:, self.layout.n_described :] = chosen.columns()
        return self.rows, evidence, (*doubted, *remarks)

    def posterior(self, rows: Ints) -> Floats | None:
        """Give what the votes alone say of some rows, shape (r, k), all alike where there is no vote.

        None where there are no votes at all.
        """
        if not self.experts:
            return None
        said = np.exp(self.experts[0].votes[rows])
        return np.where(self.covered[rows, None], said, 1 / self.layout.n_classes)

    def _better(self, labelled: Ints, labels: Ints, evidence: Floats) -> tuple[Experts, tuple[str, ...]]:
        if not len(labelled) or len(self.experts) == 1:
            return self.experts[0], ()
        losses = [loss_of(expert.votes[labelled], labels, evidence) for expert in self.experts]
        order = np.argsort(losses, kind="stable")
        best, other = (self.experts[i] for i in order)
        word = (
            f"votes are weighed by {best.name}: log-loss {losses[order[0]]:.2f} on {len(labels)} labels, "
            f"{other.name} {losses[order[1]]:.2f}"
        )
        return best, (word,)

    def _proba(self, experts: Experts) -> Floats:
        said = experts.columns().reshape(len(self.rows), 2, -1)
        return np.asarray(softmax(np.einsum("e,nek->nk", EXPERT_TRUST.means, said), axis=1))


def described(features: Float32s, one_hot: sp.csr_matrix, experts: Experts) -> Float32s:
    """Write all that is known of each item side by side, shape (n, d + c + 2 k), without a copy of a part."""
    said, d = experts.columns(), features.shape[1]
    rows = np.zeros((len(features), d + one_hot.shape[1] + said.shape[1]), dtype=np.float32)
    rows[:, :d], rows[:, d + one_hot.shape[1] :] = features, said
    cast = one_hot.tocoo()
    rows[cast.row, d + cast.col] = cast.data
    return rows


UNRELATED_WORD = (
    "the text says nothing of what the voters vote: their votes count little until labels bear them out"
)
