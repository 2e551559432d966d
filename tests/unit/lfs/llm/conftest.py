"""Voters that tests of prompts share."""

from __future__ import annotations

import pytest

from lfs.llm.voters import PromptVoter
from tests.prompt_files import CODEBOOK, CUE, NEAREST, labelled, voter_of


@pytest.fixture(scope="session")
def codebook_voter(tmp_path_factory: pytest.TempPathFactory) -> PromptVoter:
    return voter_of(tmp_path_factory.mktemp("codebook"), CODEBOOK)


@pytest.fixture(scope="session")
def cue_voter(tmp_path_factory: pytest.TempPathFactory) -> PromptVoter:
    return voter_of(tmp_path_factory.mktemp("cue"), CUE)


@pytest.fixture(scope="session")
def nearest_voter(tmp_path_factory: pytest.TempPathFactory) -> PromptVoter:
    texts = ["buy my record", "what a song", "my channel has more", "the drums are great", "free gift cards"]
    examples = labelled(*zip(texts, ["SPAM", "HAM", "SPAM", "HAM", "SPAM"], strict=True))
    return voter_of(tmp_path_factory.mktemp("nearest"), NEAREST, examples=examples)
