"""Price tables: dated YAML files of what models cost, a project's own one before the shipped one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from labeling.config.marks import read_marked
from labeling.config.problems import describe
from labeling.config.sections import Integer, Real, Section
from labeling.errors import InputError
from labeling.types import Price, Rates

OWN_TABLE = "configs/prices.yaml"
SNAPSHOT = re.compile(r"-20\d{6}$")
"""What the name of a model ends with where it names one day's version."""

WRITE_5M, WRITE_1H, READ = 1.25, 2.0, 1.0
"""Shares of ``input`` where a table has no figures for the cache: no vendor is known to ask more."""

Dollars = Annotated[Real, Field(ge=0, description="US dollars per million tokens", examples=[1.0])]


def _day(value: str) -> str:
    date.fromisoformat(value)
    return value


class RatesSection(Section):
    """What the tokens of a model cost."""

    input: Dollars
    output: Dollars
    cache_write_5m: Dollars | None = None
    cache_write_1h: Dollars | None = None
    cache_read: Dollars | None = None

    def rates(self) -> Rates:
        """Give all figures."""
        return Rates(
            self.input,
            self.output,
            _figure(self.cache_write_5m, WRITE_5M * self.input),
            _figure(self.cache_write_1h, WRITE_1H * self.input),
            _figure(self.cache_read, READ * self.input),
        )


class LongRates(RatesSection):
    """What they cost where a prompt is long."""

    above: Integer = Field(gt=0, description="a number of input tokens", examples=[100000])


class ModelSection(RatesSection):
    """What one model costs."""

    batch: Real = Field(default=0.5, gt=0, le=1, description="a number in (0, 1]", examples=[0.5])
    long: LongRates | None = None

    def price(self) -> Price:
        """Give the price."""
        long = self.long
        return Price(self.rates(), self.batch, long.above if long else None, long.rates() if long else None)


class PriceTable(Section):
    """One file of prices."""

    as_of: Annotated[str, AfterValidator(_day)] = Field(
        description="the day of these prices, YYYY-MM-DD", examples=["2026-10-24"]
    )
    models: dict[str, ModelSection] = Field(
        description="a mapping of models to prices", examples=["{my-model: {input: 1.0, output: 5.0}}"]
    )


@dataclass(frozen=True)
class KnownPrice:
    """What a model costs, and by which table of which day."""

    price: Price
    as_of: str
    table: str


@dataclass(frozen=True)
class Prices:
    """The prices that are known, by model."""

    known: Mapping[str, KnownPrice] = field(default_factory=dict, repr=False)

    def of(self, model: str) -> KnownPrice | None:
        """Give the price of a model, or of the model that it is a day's version of; None if unknown."""
        return self.known.get(model) or self.known.get(SNAPSHOT.sub("", model))


def load_prices(shipped: Path, root: Path) -> Prices:
    """Read the shipped table, and the one of the project in ``root`` where there is one.

    Raises
    ------
    InputError
        Everything that is wrong with a table, with its lines.
    """
    own = root / OWN_TABLE
    known = _table(shipped, shipped.name)
    return Prices({**known, **_table(own, OWN_TABLE)} if own.is_file() else known)


def _table(path: Path, shown: str) -> dict[str, KnownPrice]:
    document = read_marked(path)
    problems = list(document.problems)
    try:
        table = PriceTable.model_validate(document.values or {})
    except ValidationError as error:
        problems += describe(error, PriceTable, document.marks)
    if problems:
        raise InputError(*problems)
    return {name: KnownPrice(m.price(), table.as_of, shown) for name, m in table.models.items()}


def _figure(given: float | None, otherwise: float) -> float:
    return otherwise if given is None else given
