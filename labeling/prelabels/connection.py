"""Looking at a model's server before anything is asked."""

from __future__ import annotations

from labeling.config.sections import LLMConfig
from labeling.errors import Unavailable
from labeling.project import Project
from labeling.spending.failures import Verdict, stopped, verdict
from labeling.types import Completer, CompletionError, Failure


async def meet(completer: Completer, llm: LLMConfig) -> None:
    """Find out what the server can do; one that is busy is asked all the same.

    Raises
    ------
    QuorumError
        It cannot be reached, knows no such model, or takes no such key.
    """
    try:
        await completer.probe(llm.model)
    except CompletionError as error:
        if verdict(error) is Verdict.STOP:
            raise stopped(llm.model, error) from None
        if error.failure is Failure.CONNECTION:
            raise Unavailable(
                f"{llm.model}: {error.message} Start the server, or correct base_url; "
                "what was answered votes without it."
            ) from None


async def describe(project: Project, llm: LLMConfig) -> str:
    """Say what a server can do, in words.

    Raises
    ------
    QuorumError
        There is no key, or the server does not answer.
    """
    async with project.new_completer(llm) as completer:
        try:
            known = await completer.probe(llm.model)
        except CompletionError as error:
            raise Unavailable(f"{llm.model}: {error.message}") from None
    can = {
        "keeps to a schema": known.schema,
        "counts tokens": known.count_tokens,
        "takes batches": known.batches,
    }
    told = ", ".join(f"{what}{'' if able else ': no'}" for what, able in can.items())
    return f"{llm.base_url or 'the vendor'} answers for {llm.model}; {told}"
