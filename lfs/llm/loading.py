"""From prompt files to voters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labeling.errors import InputError
from labeling.types import Item, LabelSchema
from lfs.llm.codebook import codebook
from lfs.llm.instructions import (
    CODEBOOK_TASK,
    CUE_TASK,
    DATA,
    EXAMPLES,
    answer_schema,
    form_text,
    question_text,
)
from lfs.llm.labels import Labels, label_problems
from lfs.llm.nearest import neighbours
from lfs.llm.prompts import Prompt, Scope, read_prompt
from lfs.llm.voters import NearestVoter, PromptVoter

DEFAULT_EXAMPLES = 8
"""Labelled texts that a nearest-example prompt shows where it does not say how many."""

LabelledItems = Sequence[tuple[Item, str]]


def load_voters(
    model: str,
    prompts: Sequence[str],
    root: Path,
    schema: LabelSchema,
    *,
    fields: Sequence[str],
    text_field: str = "text",
    examples: LabelledItems = (),
) -> list[PromptVoter]:
    """Make one voter of each prompt file with a model.

    Parameters
    ----------
    model : str
    prompts : sequence of str
        Paths, absolute or from ``root``.
    root : Path
        The project's folder.
    schema : LabelSchema
    fields : sequence of str
        Those that may be sent; private ones must not be among them.
    text_field : str
        What a model sees where a prompt names no fields.
    examples : sequence of (Item, class name)
        Gold that the loop may use, for prompts that show the nearest labelled texts.

    Returns
    -------
    list of PromptVoter, in the order of ``prompts``

    Raises
    ------
    InputError
        Everything that is wrong with the files, or classes that cannot be told apart in an answer.
    """
    scope = Scope(schema.names, tuple(fields), text_field)
    problems = list(label_problems(schema.names))
    voters = []
    for path in prompts:
        try:
            prompt = read_prompt(root / Path(path).expanduser(), path, scope)
        except InputError as error:
            problems += error.problems
        else:
            voters.append(_voter(prompt, model, schema, examples))
    problems += _twins(voters)
    if problems:
        raise InputError(*problems)
    return voters


def _voter(prompt: Prompt, model: str, schema: LabelSchema, examples: LabelledItems) -> PromptVoter:
    head = prompt.head
    labels = Labels((head.target,) if head.target else schema.names)
    system = _system(prompt, labels, schema)
    if head.kind != "nearest":
        return PromptVoter(prompt, model, labels, system, answer_schema(labels))
    near = neighbours(examples, prompt.fields)
    n_examples = head.examples or DEFAULT_EXAMPLES
    return NearestVoter(prompt, model, labels, system, answer_schema(labels), near, n_examples)


def _system(prompt: Prompt, labels: Labels, schema: LabelSchema) -> str:
    """Give what all questions of a prompt share; the rules stand last, so that they have the last word."""
    if prompt.head.target:
        parts = [CUE_TASK, f"# The question\n{prompt.body}", question_text(labels)]
    else:
        parts = [CODEBOOK_TASK, prompt.body, codebook(schema, prompt.head.tie_rule)]
    told = [EXAMPLES] if prompt.head.kind == "nearest" else []
    return "\n\n".join(part for part in [*parts, *told, form_text(labels), DATA] if part)


def _twins(voters: Sequence[PromptVoter]) -> list[str]:
    """Say which voters would be one: same name, or same in all that answers depend on."""
    problems = []
    for i, voter in enumerate(voters):
        for earlier in voters[:i]:
            place, other = f"{voter.prompt.path}:1", earlier.prompt.path
            if voter.prompt.name == earlier.prompt.name:
                problems.append(
                    f'{place} name: expected a name of its own, got "{voter.prompt.name}" as in {other}. '
                    "Rename one."
                )
            elif voter.version == earlier.version:
                problems.append(f"{place}: expected another prompt, got the same as {other}. Take one out.")
    return problems
