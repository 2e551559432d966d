"""What people read of stopping, forecasts and second looks."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.cli.advice import curve_row, excerpt, show_forecast, show_recheck
from labeling.types import CurvePoint, Forecast, Gain, MoreAnswers, Stability

NOW = CurvePoint(100, 0.9321, 0.8812, 0.9654)
POINT: dict[str, Any] = {
    "labels": 1500,
    "accuracy": 0.94,
    "low": 0.9,
    "high": 0.97,
    "answers": 1600,
    "seconds": 12_800,
    "spent": 3.5,
}


def forecast(**changes: Any) -> Forecast:
    told = {"now": NOW, "more": MoreAnswers(120, 40, 310), "gain": Gain(100, 0.001, 0.02, pays=True)}
    return Forecast(60, 20, 0.95, **(told | changes))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (forecast(now=None), "too few uniform answers yet to tell the accuracy (60 of 20)"),
        (forecast(more=None), "accuracy 0.932 (0.881 to 0.965); too few rounds yet for a forecast"),
        (forecast(), "accuracy 0.932 (0.881 to 0.965); about 120 more answers until 0.95 (40 to 310)"),
        (
            forecast(gain=Gain(100, 0.0, 0.003, pays=False)),
            "accuracy 0.932 (0.881 to 0.965); more answers do not pay: the next 100 bring 0.000 to 0.003",
        ),
        (forecast(now=CurvePoint(9, 0.97, 0.96, 0.98)), "accuracy 0.970 (0.960 to 0.980); 0.95 is reached"),
    ],
)
def test_a_forecast_in_words(told: Forecast, said: str) -> None:
    assert told.said == said
    assert told.to_dict()["said"] == said


def test_json_holds_the_same_figures() -> None:
    told = forecast(ahead=(NOW,)).to_dict()
    assert told["now"] == {"labels": 100, "accuracy": 0.9321, "low": 0.8812, "high": 0.9654}
    assert told["more"] == {"likely": 120, "low": 40, "high": 310}
    assert told["gain"] == {"answers": 100, "low": 0.001, "high": 0.02, "pays": True}


def test_a_point_of_the_curve_as_a_row() -> None:
    assert curve_row({**POINT, "ahead": True}) == (
        "1,500",
        "0.940",
        "0.900 to 0.970",
        "3.6 h",
        "$3.50",
        "expected",
    )
    assert curve_row({**POINT, "seconds": None, "ahead": False})[3:] == ("–", "$3.50", "")


def test_a_forecast_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    stability = Stability(True, (0.99, 0.995, 0.998), 3, 2000, 3, 0.99)
    told = {**forecast().to_dict(), "curve": [{**POINT, "ahead": False}]}
    show_forecast({"round": 7, "forecast": told, "stopping": stability.to_dict()})
    printed = capsys.readouterr().out
    assert printed.startswith("round 7: accuracy 0.932")
    assert "labels no longer change: 3 of 2,000 with the last batch, kappa 0.990, 0.995, 0.998" in printed
    assert "0.900 to 0.970" in printed


def test_second_opinions_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    opinion = {"id": "r1", "text": "a", "answer": None, "by": ("ann", "bob"), "score": 0.25}
    found = {"doubts": [], "examined": 40, "second_opinions": [opinion] * 3, "people": {"ann": 0.9}}
    show_recheck(found, limit=1)
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        "0 of 40 labels are probably wrong",
        "another person's answer would help at 3 items:",
        "r1: ann and bob said nothing that most agree on (score 0.25)",
        "ann: agrees with others and with a model that is sure in 90%",
    ]


def test_long_texts_are_cut() -> None:
    assert excerpt("short") == "short"
    assert len(excerpt("long " * 100)) == 100
    assert excerpt("long " * 100).endswith("…")
