from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from labeling.config import Config, load_config
from labeling.config.addresses import is_private
from labeling.config.sections import LLMConfig
from labeling.errors import InputError
from labeling.types import LabelClass, LabelSchema

LEAST = """\
items: {path: data/pool.csv}
labels:
  - {name: HAM}
  - {name: SPAM, includes: [own channels], excludes: [the artist's page], near_misses: [who is here]}
voters:
  - llm: {model: m-1, prompts: [configs/prompts/spam.md]}
"""

Load = Callable[[str], Config]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()

    def load(text: str) -> Config:
        Path("configs/spam.yaml").write_text(text)
        return load_config("configs/spam.yaml")

    return load


def llm(load: Load, section: str) -> LLMConfig:
    found = load(LEAST.replace("{model: m-1, prompts: [configs/prompts/spam.md]}", section)).voters[0].llm
    assert found is not None
    return found


def problems(load: Load, section: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        llm(load, section)
    assert caught.value.exit_code == 2
    return list(caught.value.problems)


def test_the_least_section_has_no_budget_and_no_consent(load: Load) -> None:
    section = llm(load, "{model: m-1, prompts: [a.md, b.md]}")
    assert (section.model, section.prompts, section.budget) == ("m-1", ("a.md", "b.md"), None)
    assert (section.mode, section.base_url, section.consent, section.in_flight) == ("direct", None, False, 32)


def test_the_whole_section_is_read(load: Load) -> None:
    section = llm(
        load,
        "{model: m-1, prompts: [a.md], budget: 5, mode: batch, base_url: 'http://gpu:8000', "
        "consent: true, in_flight: 4}",
    )
    assert (section.budget, section.mode, section.base_url) == (5.0, "batch", "http://gpu:8000")
    assert (section.consent, section.in_flight) == (True, 4)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("{prompts: [a.md]}", "voters[0].llm.model: expected text, the name of a model, got nothing. Write "),
        (
            "{model: m}",
            'llm.prompts: expected a list of prompt files, got nothing. Write prompts: ["configs/',
        ),
        ("{model: m, prompts: []}", "voters[0].llm.prompts: expected a list of prompt files, got []."),
        (
            "{model: m, prompts: a.md}",
            'expected a list of prompt files, got "a.md". Write ["configs/prompts/',
        ),
        ("{model: m, prompts: [a.md, b.md, a.md]}", 'prompts[2]: expected each file once, got "a.md" again.'),
        (
            "{model: m, prompts: [a.md], budget: -1}",
            "llm.budget: expected US dollars from 0, got -1. Write 5",
        ),
        ("{model: m, prompts: [a.md], budget: $5}", 'llm.budget: expected US dollars from 0, got "$5".'),
        ("{model: m, prompts: [a.md], mode: bulk}", 'mode: expected one of direct, batch, got "bulk".'),
        ("{model: m, prompts: [a.md], base_url: gpu:8000}", 'expected an http address, got "gpu:8000".'),
        ("{model: m, prompts: [a.md], base_url: 'http://gpu/v1/'}", "without /v1, got"),
        ("{model: m, prompts: [a.md], base_url: 'http://gpu/v1/messages'}", "Write http://gpu."),
        (
            "{model: m, prompts: [a.md], base_url: 'http://me:pw@gpu'}",
            "an address without a login. Put the key",
        ),
        (
            "{model: m, prompts: [a.md], in_flight: 0}",
            "in_flight: expected a whole number in [1, 1000], got 0.",
        ),
        ("{model: m, prompts: [a.md], consent: often}", 'consent: expected true or false, got "often".'),
        (
            "{model: m, prompts: [a.md], temperature: 0}",
            "llm.temperature: unknown key, expected one of model,",
        ),
        (
            "m",
            "voters[0].llm: expected a mapping with model, prompts, budget, mode, base_url, consent, in_fl",
        ),
    ],
)
def test_each_fault_is_named_with_its_line_and_remedy(load: Load, section: str, expected: str) -> None:
    found = problems(load, section)
    assert len(found) == 1, found
    assert expected in found[0]
    assert found[0].startswith("configs/spam.yaml:6 voters[0].llm")


def test_a_login_in_an_address_is_not_repeated(load: Load) -> None:
    assert "pw" not in problems(load, "{model: m, prompts: [a.md], base_url: 'http://me:pw@gpu'}")[0]


def test_a_model_stands_in_one_section_alone(load: Load) -> None:
    with pytest.raises(InputError, match=r"yaml:7 voters.1..llm.model: expected a model of its"):
        load(LEAST + "  - llm: {model: m-1, prompts: [other.md]}\n")
    assert len(load(LEAST + "  - llm: {model: m-2, prompts: [configs/prompts/spam.md]}\n").voters) == 2


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://127.8.8.8", True),
        ("http://localhost", True),
        ("http://LOCALHOST:80", True),
        ("http://vllm.localhost:80", True),
        ("http://[::1]:8000", True),
        ("http://[fd00::1]:8000", True),
        ("http://10.1.2.3", True),
        ("http://192.168.1.4:8000", True),
        ("http://172.16.0.1", True),
        ("http://172.32.0.1", False),
        ("http://8.8.8.8", False),
        ("https://api.example.com", False),
        ("http://gpu", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://[::1", False),
        ("http://", False),
    ],
)
def test_only_this_machine_and_private_addresses_are_private(address: str, private: bool) -> None:
    assert is_private(address) is private


@pytest.mark.parametrize(
    ("section", "leaves", "may_send"),
    [
        ("", True, False),
        (", consent: true", True, True),
        (", base_url: 'http://127.0.0.1:1'", False, True),
        (", base_url: 'https://api.example.com'", True, False),
        (", base_url: 'https://api.example.com', consent: true", True, True),
    ],
)
def test_items_leave_the_machine_by_a_yes_alone(
    load: Load, section: str, leaves: bool, may_send: bool
) -> None:
    found = llm(load, f"{{model: m, prompts: [a.md]{section}}}")
    assert (found.leaves, found.may_send) == (leaves, may_send)


def test_borders_of_classes_reach_the_schema(load: Load) -> None:
    spam = load(LEAST).schema.classes[1]
    assert (spam.includes, spam.excludes) == (("own channels",), ("the artist's page",))
    assert spam.near_misses == ("who is here",)


def test_a_schema_keeps_its_version_until_a_border_is_told() -> None:
    plain = LabelSchema((LabelClass("HAM"), LabelClass("SPAM", "Advertises", ("buy",), True)), "Skip.")
    assert plain.version == "812ed012dee7"
    versions = {plain.version}
    for border in ({"includes": ("x",)}, {"excludes": ("x",)}, {"near_misses": ("x",)}):
        told = replace(plain, classes=(plain.classes[0], replace(plain.classes[1], **border)))
        versions.add(told.version)
    assert len(versions) == 4
