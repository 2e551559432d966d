"""Prompt files: what they say, and everything that may be wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import InputError
from labeling.types import LabelClass, LabelSchema
from lfs.llm import load_voters
from lfs.llm.front_matter import LONGEST_FILE, MOST_UNSEEN
from lfs.llm.prompts import Scope, read_prompt
from tests.prompt_files import CODEBOOK, CUE, FIELDS, NEAREST, SCHEMA, voter_of

SCOPE = Scope(SCHEMA.names, FIELDS, "text")


def problems(folder: Path, content: bytes | str, name: str = "spam.md") -> list[str]:
    """Give what is wrong with a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as raised:
        read_prompt(path, name, SCOPE)
    return list(raised.value.problems)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    text = (
        "---\nname: spam-2\nkind: nearest\nexamples: 4\nfields: [author, text]\nmax_tokens: 900\n"
        "effort: low\ncache_ttl: 1h\ntie_rule: HAM\n---\n\nWords.\n\nMore ---\n---\nof them.\n"
    )
    prompt = voter_of(tmp_path, text.replace("\n", "\r\n")).prompt
    head = prompt.head
    assert (prompt.name, head.kind, head.examples, prompt.fields) == (
        "spam-2",
        "nearest",
        4,
        ("author", "text"),
    )
    assert (head.max_tokens, head.effort, head.cache_ttl, head.tie_rule) == (900, "low", "1h", "HAM")
    assert prompt.body == "Words.\n\nMore ---\n---\nof them."


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    prompt = voter_of(tmp_path, "\ufeff---\nname:\ntie_rule:\n---\n").prompt
    head = prompt.head
    assert (prompt.name, head.kind, prompt.fields, prompt.body) == ("spam", "codebook", ("text",), "")
    assert (head.max_tokens, head.effort, head.cache_ttl, head.tie_rule) == (400, None, "5m", "")


def test_the_cache_can_be_switched_off(tmp_path: Path) -> None:
    assert voter_of(tmp_path, "---\ncache_ttl: null\n---\n").prompt.head.cache_ttl is None


def test_a_cue_names_its_class(tmp_path: Path) -> None:
    assert voter_of(tmp_path, CUE).prompt.head.target == "SPAM"


def test_everything_wrong_is_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        "---\nnam: x\nkind: cue\nclass: SPAN\nexamples: 3\nfields: [txt, author, author]\nmax_tokens: 1e9\n"
        "effort: maximal\ncache_ttl: 10m\ntie_rule: x\nkind: cue\n---\n"
    )
    assert problems(tmp_path, text) == [
        "spam.md:2 nam: unknown key, expected one of name, kind, class, examples, fields, max_tokens, "
        "effort, cache_ttl, tie_rule. Did you mean name?",
        'spam.md:4 class: expected one of HAM, SPAM, got "SPAN". Did you mean SPAM?',
        "spam.md:5 examples: expected none, for only kind: nearest shows examples, got 3. Take it out, or "
        "write kind: nearest.",
        'spam.md:6 fields[0]: expected one of text, author, stars, which may be sent, got "txt". '
        "Did you mean text?",
        'spam.md:6 fields[2]: expected each field once, got "author" again. Take it out.',
        "spam.md:7 max_tokens: expected a whole number in [50, 32000], got 1000000000.0. Write 400.",
        'spam.md:8 effort: expected one of low, medium, high, xhigh, max, got "maximal". Did you mean max?',
        'spam.md:9 cache_ttl: expected one of 5m, 1h, got "10m". Write 5m.',
        "spam.md:10 tie_rule: expected none, for a cue has one class, got a rule. Take it out.",
        "spam.md:11 kind: expected once, got it again (line 3). Remove one.",
        "spam.md:13: expected the cue's question, got nothing. Write it there.",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "spam.md: expected a prompt, got an empty file. Begin it with ---"),
        (" \n\n", "spam.md: expected a prompt, got an empty file."),
        ("\ufeff", "spam.md: expected a prompt, got an empty file."),
        ("Label it.", 'spam.md:1: expected front matter, got "Label it.". Begin it with ---'),
        ("\n---\nkind: cue\n---\n", "spam.md:1: expected front matter, got"),
        ("---\nkind: cue\n", "spam.md:1: expected a second line ---, got none."),
        ("---\nhello\n---\n", 'spam.md:2: expected keys with values, got "hello".'),
        ("---\n- a\n---\n", 'spam.md:2: expected keys with values, got ["a"].'),
        ("---\nkind: [cue\n---\n", "spam.md:2: expected YAML, got a fault"),
        ("---\nkind:\n\t- cue\n---\n", "spam.md:3: expected spaces at the start of the line, got a tab."),
        ("---\nkind: *cue\n---\n", "spam.md:2: expected YAML, got a fault: found undefined alias"),
        ("---\nname: " + "[" * 500 + "\n---\n", "spam.md: expected YAML, got something else"),
        ("---\n---\n" + "x" * LONGEST_FILE, "spam.md: expected at most 100,000 characters, got 100,008."),
        (
            "---\nkind: cues\n---\n",
            'spam.md:2 kind: expected one of codebook, cue, nearest, got "cues". Did you',
        ),
        ("---\nkind: 1\n---\n", "spam.md:2 kind: expected one of codebook, cue, nearest, got 1."),
        ("---\nkind: cue\n---\nIs it?", "spam.md:2 class: expected the class that yes means, got nothing."),
        ("---\nclass: HAM\n---\n", 'spam.md:2 class: expected none, for only a cue has one, got "HAM".'),
        (
            "---\nkind: cue\nclass: 7\n---\nIs it?",
            "spam.md:3 class: expected text, the name of a class, got 7.",
        ),
        ("---\nname: a@b\n---\n", 'spam.md:2 name: expected letters, digits and . _ + -, got "a@b".'),
        ("---\nfields: text\n---\n", 'spam.md:2 fields: expected a list of fields, got "text".'),
        ("---\nfields: []\n---\n", "spam.md:2 fields: expected a list of fields, got []."),
        ("---\nfields: [email]\n---\n", 'got "email". Take it out; private fields are never sent.'),
        (
            "---\nkind: nearest\nexamples: 0\n---\n",
            "spam.md:3 examples: expected a whole number in [1, 50], got 0.",
        ),
        (
            "---\nexamples: 5\n---\n",
            "spam.md:2 examples: expected none, for only kind: nearest shows examples",
        ),
        (
            "---\nmax_tokens: 10\n---\n",
            "spam.md:2 max_tokens: expected a whole number in [50, 32000], got 10.",
        ),
        (
            "---\nmax_tokens: true\n---\n",
            "spam.md:2 max_tokens: expected a whole number in [50, 32000], got true.",
        ),
        ("---\ntie_rule: [x]\n---\n", 'spam.md:2 tie_rule: expected text, got ["x"].'),
        (
            "---\nname: !!python/name:os.system x\n---\n",
            "spam.md:2 name: expected a plain value, got the tag",
        ),
        ("---\n---\nx\u202ey", "spam.md:3: expected characters that can be seen, got U+202E. Take it out."),
        ("---\n---\n\nx\U000e0041", "spam.md:4: expected characters that can be seen, got U+E0041."),
        ("---\nname: a\x1bb\n---\n", "spam.md:2: expected characters that can be seen, got U+001B."),
    ],
)
def test_one_thing_wrong(tmp_path: Path, content: str, expected: str) -> None:
    found = problems(tmp_path, content)
    assert any(expected in problem for problem in found)
    assert len(found) == 1 or "\x1b" in content


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("---\nkind: codebook\n---\nCafé\n".encode("latin-1"), 4),
        ("---\nkind: codebook\n---\n".encode("utf-16"), 1),
    ],
)
def test_wrong_encodings_are_told_with_their_line(tmp_path: Path, content: bytes, line: int) -> None:
    [problem] = problems(tmp_path, content)
    assert problem.startswith(f"spam.md:{line}: expected UTF-8, got byte 0x")


def test_many_hidden_characters_are_told_by_the_first_ones(tmp_path: Path) -> None:
    found = problems(tmp_path, "---\nkind: cue\nclass: HAM\n---\n" + "\x00\n" * 1000)
    assert len(found) == MOST_UNSEEN


def test_the_name_of_the_file_must_do_as_a_name(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, CODEBOOK, "a b@c.md")
    assert problem.endswith('got "a b@c" from the file\'s name. Write name: a-b-c.')
    assert voter_of(tmp_path, "---\nname: other\n---\n", file="a b@c.md").name == "other@model-1"


def load_problems(folder: Path, *names: str, schema: LabelSchema = SCHEMA) -> list[str]:
    with pytest.raises(InputError) as raised:
        load_voters("m", names, folder, schema, fields=FIELDS)
    return list(raised.value.problems)


def test_missing_files_are_told_with_what_is_near(tmp_path: Path) -> None:
    (tmp_path / "spam.md").write_text(CODEBOOK)
    (tmp_path / "folder.md").mkdir()
    found = load_problems(tmp_path, "span.md", "configs/none.md", "folder.md", "nul\0.md")
    assert found[0] == (
        "span.md: expected a prompt file, got no such file. Did you mean spam.md? Write one, or correct the "
        "path in prompts."
    )
    assert found[1].startswith("configs/none.md: expected a prompt file, got no such file. Write one")
    assert found[2].startswith("folder.md: expected a prompt file, got a folder.")
    assert found[3].startswith("nul\0.md: expected a prompt file")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spam.md").write_text(CODEBOOK)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert load_problems(tmp_path, "spam.md") == ["spam.md: cannot be read: Permission denied."]


def test_the_problems_of_all_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nkind: x\n---\n")
    (tmp_path / "b.md").write_text("")
    assert [p.split(":")[0] for p in load_problems(tmp_path, "a.md", "b.md", "c.md")] == [
        "a.md",
        "b.md",
        "c.md",
    ]


def test_voters_that_would_be_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(CODEBOOK)
    (tmp_path / "b.md").write_text("---\n# a comment\nname: b\n---\nComments below videos.")
    (tmp_path / "c.md").write_text("---\nname: a\n---\nOther words.")
    assert load_problems(tmp_path, "a.md", "b.md", "c.md") == [
        "b.md:1: expected another prompt, got the same as a.md. Take one out.",
        'c.md:1 name: expected a name of its own, got "a" as in a.md. Rename one.',
    ]


@pytest.mark.parametrize("name", ["ABSTAIN", "Abstain", " abstain "])
def test_a_class_called_abstain_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.md").write_text(CODEBOOK)
    schema = LabelSchema((LabelClass("HAM"), LabelClass(name)))
    [problem] = load_problems(tmp_path, "a.md", schema=schema)
    assert problem.startswith("labels: expected no class called ABSTAIN, which is how a language model says")


def test_classes_that_look_alike_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(CODEBOOK)
    schema = LabelSchema((LabelClass("A B"), LabelClass("A\nB")))
    [problem] = load_problems(tmp_path, "a.md", schema=schema)
    assert problem.endswith('got "A\\nB" beside "A B". Rename one.')


def test_paths_start_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "configs" / "prompts"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(NEAREST)
    monkeypatch.chdir(folder)
    for path in ("configs/prompts/a.md", str(folder / "a.md")):
        [voter] = load_voters("m", [path], tmp_path, SCHEMA, fields=FIELDS)
        assert (voter.name, voter.prompt.path) == ("a@m", path)


@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: f"---\n{text}\n---\nx".encode(errors="ignore"))
)
def test_any_content_is_a_prompt_or_a_problem_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.md"
    path.write_bytes(content)
    try:
        found = [f"any.md: {read_prompt(path, 'any.md', SCOPE).name}"]
    except InputError as error:
        found = list(error.problems)
    assert found
    assert all(line.startswith("any.md:") for line in found)
