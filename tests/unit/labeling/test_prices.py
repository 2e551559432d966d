from __future__ import annotations

from pathlib import Path

import pytest

from labeling.config import find_config
from labeling.config.prices import Prices, load_prices
from labeling.errors import InputError
from labeling.types import Price, Rates, Usage

SHIPPED = Path(__file__).parents[3] / "integrations" / "messages" / "prices.yaml"


def prices(tmp_path: Path, text: str) -> Prices:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "prices.yaml").write_text(text, encoding="utf-8")
    return load_prices(SHIPPED, tmp_path)


def test_the_shipped_table_is_whole(tmp_path: Path) -> None:
    table = load_prices(SHIPPED, tmp_path)
    assert table.known
    for name, known in table.known.items():
        rates = known.price.rates
        assert rates.cache_read < rates.input < rates.cache_write_5m < rates.cache_write_1h < rates.output, (
            name
        )
        assert known.price.batch == 0.5
        assert known.as_of == "2026-10-24"


def test_a_days_version_costs_what_the_model_costs_and_nothing_else_does(tmp_path: Path) -> None:
    table = load_prices(SHIPPED, tmp_path)
    assert table.of("claude-haiku-4-5-20251001") == table.of("claude-haiku-4-5") is not None
    for unknown in ("claude-haiku-4", "claude-haiku-4-5-turbo", "CLAUDE-HAIKU-4-5", "llama3", ""):
        assert table.of(unknown) is None, unknown


def test_the_projects_own_table_goes_first_model_by_model(tmp_path: Path) -> None:
    table = prices(
        tmp_path,
        "as_of: 2026-11-01\nmodels:\n  claude-haiku-4-5: {input: 7, output: 8}\n  own: {input: 0, output: 0}",
    )
    own, shipped = table.of("claude-haiku-4-5"), table.of("claude-opus-4-5")
    assert own is not None
    assert (own.price.rates, own.as_of, own.table) == (
        Rates(7, 8, 8.75, 14, 7),
        "2026-11-01",
        "configs/prices.yaml",
    )
    assert shipped is not None
    assert shipped.as_of == "2026-10-24"
    assert table.of("own") is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "models: {m: {input: 1, output: 2}}",
            "as_of: expected the day of these prices, YYYY-MM-DD, got nothing.",
        ),
        (
            "as_of: soon\nmodels: {}",
            'configs/prices.yaml:1 as_of: expected the day of these prices, YYYY-MM-DD, got "s',
        ),
        (
            "as_of: 2026-11-01\nmodels:\n  m: {input: 1}",
            "prices.yaml:3 models.m.output: expected US dollars per mill",
        ),
        (
            "as_of: 2026-11-01\nmodels:\n  m: {input: -1, output: 2}",
            "models.m.input: expected US dollars per million",
        ),
        ("as_of: 2026-11-01\nmodels:\n  m: {input: $1, output: 2}", 'got "$1". Write 1.0.'),
        ("as_of: 2026-11-01\nmodels:\n  m: {imput: 1, input: 1, output: 2}", "models.m.imput: unknown key"),
        ("as_of: 2026-11-01\nmodels: {m: 3}", "models.m: expected a mapping with input, output"),
        ("", "as_of: expected the day of these prices"),
    ],
)
def test_faults_of_a_table_are_named(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        prices(tmp_path, text)
    assert any(expected in problem for problem in caught.value.problems), caught.value.problems


def test_a_price_table_is_no_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prices(tmp_path, "as_of: 2026-11-01\nmodels: {}")
    (tmp_path / "configs" / "spam.yaml").touch()
    assert find_config(None) == Path("configs/spam.yaml")


RATES = Rates(input=1, output=5, cache_write_5m=1.25, cache_write_1h=2, cache_read=0.1)


@pytest.mark.parametrize(
    ("usage", "ttl", "batch", "cost"),
    [
        (Usage(1_000_000, 0), None, False, 1.0),
        (Usage(0, 1_000_000), None, False, 5.0),
        (Usage(0, 0, cache_write=1_000_000), "5m", False, 1.25),
        (Usage(0, 0, cache_write=1_000_000), "1h", False, 2.0),
        (Usage(0, 0, cache_read=1_000_000), "5m", False, 0.1),
        (Usage(1_000_000, 1_000_000), None, True, 3.0),
    ],
)
def test_the_cost_of_a_call(usage: Usage, ttl: str | None, batch: bool, cost: float) -> None:
    assert Price(RATES).of(usage, ttl, batch=batch) == pytest.approx(cost)


def test_a_long_prompt_costs_its_own_rates_by_all_kinds_of_input() -> None:
    price = Price(RATES, long_from=100, long_rates=Rates(10, 50, 12.5, 20, 1))
    assert price.of(Usage(100, 10)) == pytest.approx(150e-6)
    assert price.of(Usage(101, 10)) == pytest.approx(1510e-6)
    assert price.of(Usage(50, 10, cache_write=30, cache_read=21), "5m") == pytest.approx(
        (500 + 500 + 375 + 21) / 1e6
    )
