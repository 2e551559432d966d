from typing import Any

import numpy as np
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from active.custom import OwnObject
from active.features import unit_rows
from active.features.own import MOST_COLUMNS, OwnTransformer
from labeling.errors import InputError
from tests.feature_contents import Forgetful, content_of

TEXTS = ["love this song", "love that song", "visit my channel", "visit a channel"]


def part(make: Any, *names: str) -> OwnTransformer:
    return OwnTransformer(OwnObject("learner.features: mine.py:make", make, "id"), names)


def lengths() -> FunctionTransformer:
    return FunctionTransformer(lambda texts: np.array([[len(t), t.count("o")] for t in texts]))


def test_dense_columns_of_texts_become_unit_rows() -> None:
    own, content = part(lengths), content_of(TEXTS)
    rows = own.rows(content, own.fit(content), Forgetful())
    expected = np.array([[len(t), t.count("o")] for t in TEXTS], dtype=np.float32)
    np.testing.assert_allclose(rows, unit_rows(expected), rtol=1e-6)
    assert own.near
    assert own.fields == ()


def test_sparse_columns_are_reduced() -> None:
    own, content = part(CountVectorizer), content_of([f"{t} {i}" for i in range(300) for t in TEXTS])
    rows = own.rows(content, own.fit(content), Forgetful())
    assert isinstance(rows, np.ndarray)
    assert 1 < rows.shape[1] <= MOST_COLUMNS
    assert rows[0] @ rows[4] > rows[0] @ rows[2]


def test_a_new_item_is_placed_by_what_was_fitted_before() -> None:
    own, content = part(CountVectorizer), content_of(TEXTS)
    state = own.fit(content)
    whole = own.rows(content, state, Forgetful())
    fresh = part(CountVectorizer)  # of another process
    np.testing.assert_allclose(fresh.rows(content_of(TEXTS[2:3]), state, Forgetful())[0], whole[2], atol=1e-6)


def test_without_texts_it_sees_a_frame_of_fields() -> None:
    def make() -> Any:
        return make_column_transformer((StandardScaler(), make_column_selector("n")))

    own = part(make, "n")
    content = content_of([""] * 3, n=[1, 2, 6])
    rows = own.rows(content, own.fit(content), Forgetful())
    assert rows.shape == (3, 1)
    assert (rows**2).mean() == pytest.approx(1)
    assert not own.near


def test_it_is_fitted_once_for_many_blocks() -> None:
    fits = []

    class Counted(CountVectorizer):  # type: ignore[misc]
        def fit(self, X: Any, y: Any = None) -> Any:
            fits.append(len(X))
            return super().fit(X)

    own, content = part(Counted), content_of(TEXTS)
    state = own.fit(content)
    for i in range(4):
        own.rows(content.take(np.array([i])), state, Forgetful())
    assert fits == [4]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda texts: np.ones((1, 2)), "expected 4 rows of finite numbers, got an array of shape"),
        (lambda texts: np.full((len(texts), 1), np.nan), "expected 4 rows of finite numbers"),
        (lambda texts: 1 / 0, "ZeroDivisionError: division by zero. Mend the transformer"),
    ],
)
def test_faults_are_told(function: Any, said: str) -> None:
    own, content = part(lambda: FunctionTransformer(function)), content_of(TEXTS)
    with pytest.raises(InputError, match=said) as caught:
        own.rows(content, own.fit(content), Forgetful())
    assert str(caught.value).startswith("learner.features: mine.py:make: ")


def test_the_id_follows_the_transformer_and_its_fields() -> None:
    one = OwnTransformer(OwnObject("n", lengths, "1"))
    other = OwnTransformer(OwnObject("n", lengths, "2"))
    assert len({one.id, other.id, OwnTransformer(OwnObject("n", lengths, "1"), ("a",)).id}) == 3
