"""The names that users import stay as they are."""

from __future__ import annotations

import labeling
import lfs


def test_names_of_labeling() -> None:
    promised = {
        "Buckets",
        "LabelClass",
        "LabelModel",
        "LabelSchema",
        "MajorityModel",
        "SnorkelModel",
        "VoteAnalysis",
        "VoteMatrix",
        "analyse",
        "apply",
        "buckets",
    }
    assert set(labeling.__all__) == promised
    assert all(getattr(labeling, name) is not None for name in promised)
    assert callable(labeling.apply)


def test_names_of_lfs() -> None:
    promised = {
        "Item",
        "LabelingFunction",
        "all_of",
        "any_of",
        "field_pattern",
        "keyword",
        "labeling_function",
        "lookup",
        "model_score",
        "regex",
        "threshold",
        "unless",
    }
    assert set(lfs.__all__) == promised
    assert all(getattr(lfs, name) is not None for name in promised)


def test_a_label_model_in_a_notebook() -> None:
    @lfs.labeling_function
    def links(item: lfs.Item) -> str | None:
        return "SPAM" if "http" in item.text else None

    @lfs.labeling_function
    def love(item: lfs.Item) -> str | None:
        return "HAM" if "love" in item.text else None

    votes = labeling.apply([links, love], [{"text": "http://x"}, {"text": "love"}], ["HAM", "SPAM"])
    model = labeling.MajorityModel()
    proba = model.fit(model.statistics(votes)).predict_proba(votes)
    assert proba.argmax(axis=1).tolist() == [1, 0]
