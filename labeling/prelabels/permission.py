"""Whether items may be sent to a model, and whether what that costs may be spent."""

from __future__ import annotations

from collections.abc import Iterator

from labeling.config import Config
from labeling.config.prices import OWN_TABLE, KnownPrice, Prices
from labeling.config.sections import LLMConfig
from labeling.errors import InputError

VENDOR = "the vendor of the model"


def check_permission(config: Config, prices: Prices, model: str | None = None) -> None:
    """Make sure that the config says yes to all that a run would do.

    Parameters
    ----------
    config : Config
    prices : Prices
    model : str, optional
        The one that is to be asked; all of the config if None.

    Raises
    ------
    InputError
        All that is missing: a consent, a budget, a price.
    """
    asked = [(key, llm) for key, llm in llm_sections(config) if model in (None, llm.model)]
    problems = [said for key, llm in asked for said in _missing(config, key, llm, prices)]
    if problems:
        raise InputError(*problems)


def llm_sections(config: Config) -> list[tuple[str, LLMConfig]]:
    """Give the sections of language models by their place in the config."""
    return [(f"voters[{i}].llm", voter.llm) for i, voter in enumerate(config.voters) if voter.llm]


def unpriced_remark(llm: LLMConfig, known: KnownPrice | None) -> str | None:
    """Say that a budget counts for nothing; None where it does."""
    if known is not None or llm.budget is None:
        return None
    return (
        f"{llm.model} has no price, so its budget is not counted: it runs on a server of your own. "
        f"If that costs something, write the price into {OWN_TABLE}."
    )


def _missing(config: Config, key: str, llm: LLMConfig, prices: Prices) -> Iterator[str]:
    known = prices.of(llm.model)
    if not llm.may_send:
        yield (
            f"{config.place(f'{key}.consent')}: expected a yes before items are sent to "
            f"{llm.base_url or VENDOR}, got none; nothing was sent. Write consent: true."
        )
    if llm.budget is None and (known is not None or llm.leaves):
        yield (
            f"{config.place(f'{key}.budget')}: expected what may be spent on {llm.model}, got nothing; "
            "`quorum llm plan` says what it would cost. Write budget: 5.00 (US dollars)."
        )
    if known is None and llm.leaves:
        yield (
            f"{config.place(f'{key}.model')}: {llm.model} has no price, so no budget can be held. Write it "
            f"into {OWN_TABLE}, in US dollars per million tokens: "
            f"{{as_of: DAY, models: {{{llm.model}: {{input: X, output: Y}}}}}}."
        )
