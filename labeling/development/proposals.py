"""Functions that a language model proposes: tried on gold, taken by rule or by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from labeling.config.sections import LLMConfig
from labeling.config.suggest import did_you_mean, listed
from labeling.development.acceptance import apply_rule
from labeling.development.asking import ask_model
from labeling.development.bench import Bench
from labeling.development.drafts import StoredDraft, keep_draft, last_draft
from labeling.development.material import choose_material
from labeling.development.proposal_report import ProposalReport, TriedProposal
from labeling.development.suggested import add_suggested, is_configured, read_suggested, suggested_source
from labeling.development.trials import is_slow, speed_probe, try_function, vote_columns
from labeling.errors import InputError
from labeling.lf.authors import Author, Draft, Dropped, Proposal
from labeling.lf.examples import Voter
from labeling.lf.vector import VectorFunction
from labeling.pool import load_pool, project_functions
from labeling.pool.dev import writers_gold
from labeling.pool.people import read_people
from labeling.project import Project
from labeling.spending import Asked
from labeling.types import ABSTAIN, Codes, CompletionRequest, VoteMatrix

RULE = "rule"
DAY = len("2026-01-31")
SHORT = 12
"""Characters of a digest that a record shows."""


Ask = Callable[[Project, LLMConfig, str, CompletionRequest], Asked]
"""Asks a model of the config one thing, for an author of a version; see `ask_model`."""


def suggest_by_model(
    project: Project,
    *,
    accept: Sequence[str] = (),
    person: str = "",
    dry_run: bool = False,
    ask: Ask = ask_model,
) -> ProposalReport:
    """Have a model propose functions, try them, and write those that are taken into the file of suggestions.

    Without ``accept`` the model is asked, and what the rule of `labeling.development.acceptance` takes is
    written; a question that was answered before costs nothing. With it nobody is asked: the named ones of
    the last answer are taken, whatever the rule has against them.

    Parameters
    ----------
    project : Project
    accept : sequence of str
        Names of proposals that a person takes.
    person : str
        Who that is.
    dry_run : bool
        Try and show, write no function. The question is asked, and paid, all the same.
    ask : callable
        See `Ask`.

    Raises
    ------
    InputError
        The config names no language model or does not allow to ask it, no proposal has one of the names, or
        of data and functions.
    GateRefused
        The budget does not cover the question.
    Unavailable
        The model's server cannot be had.
    """
    llm, functions, suggested = _first_model(project), project_functions(project), read_suggested(project)
    author, bench = project.new_author(llm.model), _open_bench(project, functions)
    stored, cost = (_last(project), 0.0) if accept else _ask(bench, author, llm, ask)
    draft = _usable(author.read(stored.answer), bench, [*functions, *suggested])
    _check_names(accept, draft)
    tried = [_decided(p, accept, person) for p in _try(bench, draft.proposals, stored, suggested)]
    taken = [_entry(p, stored) for p in tried if p.accepted]
    if taken and not dry_run:
        add_suggested(project, taken)
    return ProposalReport(
        model=stored.model,
        proposals=tuple(tried),
        dropped=draft.dropped,
        proposed_from=stored.proposed_from,
        gold=int((_judging_gold(bench, stored) != ABSTAIN).sum()),
        file=suggested_source(project),
        written=bool(taken) and not dry_run,
        configured=is_configured(project),
        cost=cost,
    )


def _first_model(project: Project) -> LLMConfig:
    found = [voter.llm for voter in project.config.voters if voter.llm]
    if found:
        return found[0]
    place = project.config.place("voters")
    raise InputError(
        f"{place}: expected a language model to ask, got none. Write - llm: {{model: ..., prompts: [...]}}."
    )


def _open_bench(project: Project, functions: Sequence[Voter]) -> Bench:
    """Load what a writer may know; what the votes are worth together is not needed."""
    pool = load_pool(project, functions=functions)
    with project.store.read() as tx:
        people = read_people(tx, project.schema)
    return Bench(project, pool, writers_gold(project, pool, people), None)


def _ask(bench: Bench, author: Author, llm: LLMConfig, ask: Ask) -> tuple[StoredDraft, float | None]:
    project = bench.project
    material, rows = choose_material(bench, project.config.label_model.seed)
    request = author.request(material)
    project.progress(f"asking {llm.model} for functions", 0, 0)
    asked = ask(project, llm, author.version, request)
    seen = tuple(bench.pool.items.digests[rows].tolist())
    stored = StoredDraft.of(asked.answer, author, request, material.counts, seen)
    keep_draft(project, stored)
    return stored, asked.cost


def _last(project: Project) -> StoredDraft:
    stored = last_draft(project)
    if stored is None:
        raise InputError("--accept: expected a proposal, got none so far. Ask for some: quorum llm suggest.")
    return stored


def _usable(draft: Draft, bench: Bench, there: Sequence[Voter]) -> Draft:
    """Drop what is there already and what takes too long."""
    names = {*bench.votes.voters, *(str(f.name) for f in there)}
    known = {f.fingerprint: str(f.name) for f in there}
    probe = speed_probe(bench.pool.items.texts)
    usable, dropped = [], [*draft.dropped]
    for proposal in draft.proposals:
        problem = _problem(proposal, names, known, probe)
        if problem is None:
            usable.append(proposal)
            known[proposal.function.fingerprint] = proposal.name
        else:
            dropped.append(Dropped(proposal.name, problem))
    return Draft(tuple(usable), tuple(dropped))


def _problem(
    proposal: Proposal, names: set[str], known: Mapping[str, str], probe: Sequence[str]
) -> str | None:
    twin = known.get(proposal.function.fingerprint)
    if twin is not None:
        return f"is the same function as {twin}"
    if proposal.name in names:
        return "its name is the name of another voter"
    return "takes too long for each character of a text" if is_slow(proposal.function, probe) else None


def _check_names(accept: Sequence[str], draft: Draft) -> None:
    names = [p.name for p in draft.proposals]
    dropped = {d.name: d.problem for d in draft.dropped}
    unknown = [name for name in accept if name not in names]
    if unknown:
        raise InputError(*(_unknown(name, names, dropped.get(name)) for name in unknown))


def _unknown(name: str, names: Sequence[str], problem: str | None) -> str:
    if problem is not None:
        return f"--accept {name}: {problem}. Nothing is written."
    step = did_you_mean(name, names) or f" There are {listed(names) or 'none'}."
    return f"--accept {name}: expected the name of a proposal of the last answer.{step}"


def _try(
    bench: Bench, proposals: Sequence[Proposal], stored: StoredDraft, suggested: Sequence[VectorFunction]
) -> list[TriedProposal]:
    items, schema = bench.pool.items, bench.project.schema
    codes = vote_columns([p.function for p in proposals], items, schema)
    others = _with_suggested(bench, suggested)
    gold = _judging_gold(bench, stored)
    trials = [try_function(codes[:, j], others, gold) for j in range(len(proposals))]
    found = apply_rule(trials, codes, [p.name for p in proposals], len(schema))
    return [TriedProposal(p, t, o, None) for p, t, o in zip(proposals, trials, found, strict=True)]


def _with_suggested(bench: Bench, suggested: Sequence[VectorFunction]) -> VoteMatrix:
    """Add the functions of the file to the voters, where the config does not name it."""
    votes = bench.votes
    silent = [f for f in suggested if f.name not in votes.voters]
    codes = vote_columns(silent, bench.pool.items, bench.project.schema)
    names = (*votes.voters, *(str(f.name) for f in silent))
    return VoteMatrix(np.concatenate([votes.hard, codes], axis=1), names, votes.n_classes)


def _judging_gold(bench: Bench, stored: StoredDraft) -> Codes:
    """Give the gold that the author has not seen, shape (n,), -1 without."""
    seen = np.isin(bench.pool.items.digests.astype(str), stored.seen)
    return np.where(seen, ABSTAIN, bench.gold).astype(np.int8)


def _decided(tried: TriedProposal, accept: Sequence[str], person: str) -> TriedProposal:
    if accept:
        return replace(tried, accepted=f"person {person}".strip() if tried.name in accept else None)
    return replace(tried, accepted=None if tried.objections else RULE)


def _entry(tried: TriedProposal, stored: StoredDraft) -> Mapping[str, Any]:
    trial = tried.trial
    provenance = {
        "by": stored.model,
        "prompt": stored.prompt[:SHORT],
        "request": stored.request[:SHORT],
        "at": stored.asked_at[:DAY],
        "proposed_from": dict(stored.proposed_from),
        "gold": {
            "judged": trial.accuracy.judged,
            "right": trial.accuracy.right,
            "interval": list(trial.interval),
        },
        "coverage": trial.coverage,
        "accepted": tried.accepted,
    }
    return {**tried.proposal.rule, "provenance": provenance}
