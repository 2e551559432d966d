import numpy as np
import pytest

from active.views import VIEWS, Ignoring, Layout, Relearning, Starting

LAYOUT = Layout(n_features=3, n_votes=2, n_experts=2, n_classes=4)
X = np.arange(2 * 13, dtype=np.float32).reshape(2, 13)


def test_a_layout_tells_columns_apart() -> None:
    assert LAYOUT.n_described == 5
    np.testing.assert_array_equal(LAYOUT.features(X), X[:, :3])
    np.testing.assert_array_equal(LAYOUT.experts(X)[:, 1], X[:, 9:])


def test_starting_takes_experts_as_offsets() -> None:
    features, experts = Starting().parts(X, LAYOUT)
    np.testing.assert_array_equal(features, X[:, :5])
    np.testing.assert_array_equal(experts.reshape(2, 8), X[:, 5:])


def test_relearning_takes_experts_as_features_of_half_size() -> None:
    features, experts = Relearning().parts(X, LAYOUT)
    np.testing.assert_array_equal(features, np.hstack([X[:, :5], X[:, 5:] / 2]))
    assert experts.shape == (2, 0, 4)


def test_ignoring_sees_text_alone() -> None:
    features, experts = Ignoring().parts(X, LAYOUT)
    np.testing.assert_array_equal(features, X[:, :3])
    assert experts.shape == (2, 0, 4)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_trusts_as_many_experts_as_it_starts_from(view: Starting | Relearning | Ignoring) -> None:
    features, experts = view.parts(X, LAYOUT)
    assert len(view.trust) == experts.shape[1]
    assert view.n_described(LAYOUT) <= features.shape[1]
