"""Who answers, as the command line and files tell it: read whole, or refused with place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeling.errors import InputError
from labeling.simulation.habits import PERFECT, Habits
from labeling.simulation.reading import read_people

NAMES = ["HAM", "SPAM"]


def test_words_are_combined() -> None:
    assert read_people("perfect", NAMES) == PERFECT
    assert read_people("noisy:0.05", NAMES) == Habits(error_rate=0.05)
    told = "noisy:0.05,anchored:0.3,skipping:0.1,slow:40"
    assert read_people(told, NAMES) == Habits(0.05, anchored=0.3, skipping=0.1, seconds=40.0)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("nosy:0.1", ["--people", "nosy", "Did you mean noisy?"]),
        ("noisy", ["noisy", "a number in [0, 1)", "Write noisy:0.05"]),
        ("noisy:5%", ["5%", "Write noisy:0.05"]),
        ("noisy:1", ["noisy", "'1'"]),
        ("slow:0", ["slow", "seconds above 0"]),
        ("anchored:nan", ["anchored", "nan"]),
        ("", ["expected perfect", "''"]),
        ("nosy:1,slow:-3", ["nosy", "slow", "-3"]),
    ],
)
def test_wrong_words_are_all_told(told: str, words: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        read_people(told, NAMES)
    for word in words:
        assert word in str(raised.value)


def write(folder: Path, text: str) -> str:
    path = folder / "people.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_tells_a_confusion_matrix(tmp_path: Path) -> None:
    told = "confusion: {HAM: {SPAM: 0.1}}\nskipping: 0.2\nseconds: 12\nspread: 0.1\n"
    expected = Habits(confusion={"HAM": {"SPAM": 0.1}}, skipping=0.2, seconds=12.0, spread=0.1)
    assert read_people(write(tmp_path, told), NAMES) == expected
    assert read_people(write(tmp_path, ""), NAMES) == PERFECT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("skipping: 2\n", ["people.yaml:1 skipping", "got 2", "Write 0.1"]),
        ("\nskiping: 0.2\n", ["people.yaml:2 skiping", "Did you mean skipping?"]),
        ("confusion: {HAM: {SPAN: 0.1}}\n", ["confusion", "'SPAN'", "Did you mean SPAM?"]),
        ("confusion: {HAM: {SPAM: 1.5}}\n", ["HAM", "1.5"]),
        ("confusion: {HAM: {SPAM: -0.5}}\n", ["HAM", "-0.5"]),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    with pytest.raises(InputError) as raised:
        read_people(write(tmp_path, text), NAMES)
    for word in words:
        assert word in str(raised.value)


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml"):
        read_people("nowhere.yaml", NAMES)


def test_people_are_described_in_words() -> None:
    assert PERFECT.describe() == "perfect people"
    assert read_people("anchored:0.3,noisy:0.05", NAMES).describe() == "people with 5% errors, 30% anchored"
    assert Habits(confusion={"HAM": {"SPAM": 0.1}}).describe() == "people with their own confusions"
