from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.config import Config, find_config, load_config
from labeling.errors import InputError

LEAST = """\
items: {path: data/pool.csv}
labels:
  - {name: HAM}
  - {name: SPAM, critical: true, definition: Advertises, examples: [buy now]}
voters:
  - functions: lfs/spam.py
"""

WHOLE = (
    LEAST
    + """\
  - columns: ["lf_*", "llm_*"]
project: youtube-spam
gold: {column: label, use: seed}
test: {path: data/test.csv, column: label}
guideline: When in doubt, skip.
slices: {german: {where: "language == 'de'", critical: true}}
label_model: {kind: majority, seed: 3}
learner: {features: tfidf}
routing: {promise: dataset, alpha: 0.1, delta: 0.01, audit: 150, critical_floor: 0}
active: {strategy: margin, batch: 20, uniform_share: 0.2, minimum_share: 0.3}
label_studio: {url: "http://localhost:8080"}
state: {url: "sqlite:///state/s.db?timeout=5", artifacts: "s3://bucket/spam"}
"""
)

Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a text as configs/spam.yaml of an otherwise empty folder."""
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()

    def load(text: str | bytes, name: str = "configs/spam.yaml") -> Config:
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(name)

    return load


def problems(load: Load, text: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(text)
    assert caught.value.exit_code == 2
    return list(caught.value.problems)


def test_the_least_config_gets_the_documented_defaults(load: Load, tmp_path: Path) -> None:
    config = load(LEAST)
    assert (config.project, config.items.id, config.items.text, config.items.fields) == (
        "spam",
        "id",
        "text",
        None,
    )
    assert config.gold is None
    assert config.test is None
    assert config.slices == {}
    assert (config.label_model.kind, config.label_model.seed) == ("snorkel", 0)
    assert config.learner.features == "tfidf"
    routing = config.routing
    assert (routing.promise, routing.alpha, routing.delta) == ("dataset", 0.05, 0.05)
    assert (routing.audit, routing.critical_floor) == (400, 0.02)
    assert (config.active.strategy, config.active.batch, config.active.uniform_share) == ("auto", 50, 0.1)
    assert config.label_studio.url == "local"
    assert config.state_url == f"sqlite:///{tmp_path}/work/spam/state.db"
    assert config.artifacts == f"{tmp_path}/work/spam"


def test_the_whole_config_is_read(load: Load, tmp_path: Path) -> None:
    config = load(WHOLE)
    assert config.project == "youtube-spam"
    assert config.gold is not None
    assert (config.gold.column, config.gold.use) == ("label", "seed")
    assert [(v.functions, v.columns) for v in config.voters] == [
        ("lfs/spam.py", ()),
        (None, ("lf_*", "llm_*")),
    ]
    assert config.slices["german"].critical
    assert config.slices["german"].expression.columns == {"language"}
    assert config.state_url == f"sqlite:///{tmp_path}/state/s.db?timeout=5"
    assert config.artifacts == "s3://bucket/spam"


def test_schema_holds_the_classes_in_their_order(load: Load) -> None:
    schema = load(WHOLE).schema
    assert schema.names == ("HAM", "SPAM")
    assert schema.critical.tolist() == [False, True]
    assert schema.guideline == "When in doubt, skip."
    assert schema.classes[1].examples == ("buy now",)


def test_paths_start_from_the_folder_above_configs_or_the_configs_own(load: Load, tmp_path: Path) -> None:
    assert load(LEAST).root == tmp_path
    assert load(LEAST, "spam.yaml").root == tmp_path
    Path("other").mkdir()
    config = load(LEAST, "other/spam.yaml")
    assert config.root == tmp_path / "other"
    assert config.resolve("data/pool.csv") == str(tmp_path / "other/data/pool.csv")
    assert config.resolve("/abs/pool.csv") == "/abs/pool.csv"
    assert config.resolve("memory://pool.csv") == "memory://pool.csv"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////abs/s.db",
        "sqlite:///:memory:",
        "sqlite://",
        "postgresql+psycopg://host/db",
        "sqlite:///file:x?uri=true",
    ],
)
def test_other_database_urls_stay_as_they_are(load: Load, url: str) -> None:
    assert load(f'{LEAST}state: {{url: "{url}"}}\n').state_url == url


def test_places_name_the_line_of_a_key_or_of_its_section(load: Load) -> None:
    config = load(LEAST)
    assert config.place("labels[1].name") == "configs/spam.yaml:4 labels[1].name"
    assert config.place("items.text") == "configs/spam.yaml:1 items.text"
    assert config.place("voters[0].functions") == "configs/spam.yaml:6 voters[0].functions"
    assert config.lines["labels"] == 2
    assert config.path == Path("configs/spam.yaml")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("routing: {alpha: 5%}", 'routing.alpha: expected a number in (0, 1), got "5%". Write 0.05.'),
        ("routing: {alpha: 1}", "routing.alpha: expected a number in (0, 1), got 1. Write 0.05."),
        ("routing: {delta: .nan}", "routing.delta: expected a number in (0, 1), got NaN. Write 0.05."),
        ("routing: {audit: 2.5}", "routing.audit: expected a whole number from 0, got 2.5. Write 400."),
        ("routing: {audit: true}", "routing.audit: expected a whole number from 0, got true. Write 400."),
        (
            "routing: {promise: perfect}",
            'routing.promise: expected one of dataset, selective, got "perfect". Write dataset.',
        ),
        (
            "routing: 3",
            "routing: expected a mapping with promise, alpha, delta, audit, ",
        ),
        ("label_model: {kind: em}", "expected one of snorkel, majority, weighted_majority, "),
        ("label_model: {kind: snorkle}", 'got "snorkle". Did you mean snorkel?'),
        ("learner: {features: bert}", 'hashing, or FILE.py:NAME or MODULE:NAME of a transformer, got "bert"'),
        ("learner: {estimator: lfs/model.py}", 'NAME of a classifier, got "lfs/model.py"'),
        ("learner: {embeddings: models/mine}", 'expected features: embeddings beside it, got "tfidf"'),
        ("rooting: {alpha: 0.1}", "rooting: unknown key, expected one of project, items, "),
        ("rooting: {alpha: 0.1}", "Did you mean routing?"),
        ("relabel: {certify: daily}", 'relabel.certify: expected one of never, when_ready, got "daily"'),
        ("active: {strategy: margins}", 'got "margins". Did you mean margin?'),
        ("active: {strategy: em}", "active.strategy: expected one of auto, class_balanced, disagreement, "),
        ("active: {minimum_share: 20%}", 'expected a number in [0, 1], got "20%". Write 0.2.'),
        ("active: {minimum_shar: 0.1}", "unknown key, expected one of strategy, batch, uniform_share, "),
        ("active: {batch: 0}", "active.batch: expected a whole number from 1, got 0. Write 50."),
        ("label_studio: {url: localhost}", "label_studio.url: expected local or an http address, got "),
        ("state: {url: state.db}", "state.url: expected an SQLite or PostgreSQL URL, got "),
        ("project: a/b", 'project: expected text, a name for folders, got "a/b". Write spam.'),
        (
            "gold: {use: score}",
            "gold.column: expected text, a column of the items, got nothing. Write column: label.",
        ),
        (
            "gold: {column: text}",
            'gold.column: expected a column that no voter sees, got "text". Name another one.',
        ),
        ("guideline: 7", 'guideline: expected text, got 7. Put it in quotes: "7".'),
        ("slices: {a: {where: language}}", 'got "language": language is not a comparison.'),
        (
            "slices: {a: {critical: true}}",
            "slices.a.where: expected text, an expression over columns, got nothing.",
        ),
        ("slices: [a]", 'slices: expected a mapping of names to slices, got ["a"]. Write {german: '),
        ("project: x\nproject: y", "project: expected once, got it again (line 7). Remove one."),
        ("? [a]\n: 1", "expected a plain key, got a list or mapping. Write a name."),
        (
            "guideline: !!python/name:os.system x",
            "got the tag tag:yaml.org,2002:python/name:os.system. Remove the tag.",
        ),
    ],
)
def test_each_fault_is_named_with_its_line_and_remedy(load: Load, line: str, expected: str) -> None:
    found = problems(load, f"{LEAST}{line}\n")
    assert any(expected in problem for problem in found), found
    assert all(problem.startswith("configs/spam.yaml:") for problem in found)
    assert found[0].startswith(f"configs/spam.yaml:{7 + line.startswith('project: x')}")


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (
            "{pth: x}",
            "items.pth: unknown key, expected one of path, id, text, fields, private. Did you mean path?",
        ),
        (
            "{path: x, fields: [title]}",
            'items.fields: expected the text column among them, got ["title"]. Add text.',
        ),
        ("{path: x, private: [text]}", 'items.private: expected the text to be shown, got "text".'),
        ("{path: x, fields: text}", 'items.fields: expected a list of columns, got "text". Write ["text"].'),
        ("{path: x, private: [1]}", 'items.private[0]: expected text, got 1. Put it in quotes: "1".'),
        ("pool.csv", "items: expected a mapping with path, id, text, fields, private, got"),
        (
            "",
            "items: expected a mapping with path, id, text, fields, private, got nothing. Write items: {",
        ),
    ],
)
def test_faults_of_the_items(load: Load, items: str, expected: str) -> None:
    found = problems(load, LEAST.replace("{path: data/pool.csv}", items))
    assert any(expected in problem for problem in found), found


@pytest.mark.parametrize(
    ("voter", "expected"),
    [
        ("{functions: a, columns: [b]}", "voters[0]: expected either functions, columns or llm, got "),
        (
            "{functions: a, llm: {model: x, prompts: [p.md]}}",
            "expected either functions, columns or llm, got",
        ),
        ("{}", "voters[0]: expected either functions, columns or llm, got {}."),
        ("functions:", "voters[0]: expected either functions, columns or llm, got "),
        ("columns: lf_*", 'voters[0].columns: expected a list of column globs, got "lf_*". Write ["lf_*"].'),
        ("columns: []", "voters[0].columns: expected a list of column globs, got []."),
        (
            "lfs/spam.py",
            "voters[0]: expected a mapping with functions, columns, llm, time_limit, max_fault_rate, "
            'got "lfs/spam.py". Write {functions: ',
        ),
    ],
)
def test_faults_of_the_voters(load: Load, voter: str, expected: str) -> None:
    found = problems(load, LEAST.replace("functions: lfs/spam.py", voter))
    assert any(expected in problem for problem in found), found
    assert len(found) == 1


def test_a_config_needs_items_two_labels_and_a_voter(load: Load) -> None:
    found = problems(load, "project: spam\n")
    assert [p.split(": expected")[0].split()[-1] for p in found] == ["items", "labels", "voters"]
    assert "expected 2 to 127 classes, got 1" in problems(load, LEAST.replace("  - {name: HAM}\n", ""))[0]
    assert (
        "expected at least one voter"
        in problems(load, LEAST.replace("\n  - functions: lfs/spam.py", " []"))[0]
    )


def with_labels(*names: str) -> str:
    return LEAST.replace("  - {name: HAM}\n", "".join(f"  - {{name: {name}}}\n" for name in names))


def test_class_names_are_text_and_their_own(load: Load) -> None:
    assert load(with_labels("no", "on", "2024-01-01", "~x")).schema.names == (
        "no",
        "on",
        "2024-01-01",
        "~x",
        "SPAM",
    )
    assert (
        'labels[0].name: expected text, the name of a class, got 1. Put it in quotes: "1".'
        in problems(load, with_labels("1"))[0]
    )
    assert 'got true. Put it in quotes: "true".' in problems(load, with_labels("true"))[0]
    assert (
        'configs/spam.yaml:4 labels[1].name: expected a name of its own, got "A" as in labels[0].'
        in problems(load, with_labels("A", "A"))[0]
    )
    assert "without spaces around it" in problems(load, with_labels('" A"'))[0]
    assert "expected text, the name of a class, got nothing" in problems(load, with_labels(""))[0]


@pytest.mark.parametrize(
    ("unclear", "expected"),
    [
        ("HAM", 'people.unclear: expected an answer that is no class, got "HAM". Write None of these.'),
        ("' a '", 'people.unclear: expected text without spaces around it, got " a ". Write a.'),
        ("''", 'people.unclear: expected text, an answer beside the classes, or null, got "".'),
    ],
)
def test_faults_of_the_answer_beside_the_classes(load: Load, unclear: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        load(f"{LEAST}people: {{unclear: {unclear}}}\n")
    assert expected in str(caught.value)


def test_the_answer_beside_the_classes_is_told_to_people(load: Load) -> None:
    plain, told = load(LEAST).schema, load(f"{LEAST}people: {{unclear: None of these}}\n").schema
    assert (plain.answers, told.answers) == (("HAM", "SPAM"), ("HAM", "SPAM", "None of these"))
    assert plain.names == told.names
    assert plain.version != told.version


def test_127_classes_are_the_most(load: Load) -> None:
    assert len(load(with_labels(*(f"c{i}" for i in range(126)))).schema) == 127
    assert (
        "expected 2 to 127 classes, got 128" in problems(load, with_labels(*(f"c{i}" for i in range(127))))[0]
    )


def test_all_faults_appear_together_in_the_order_of_lines(load: Load) -> None:
    text = (
        WHOLE.replace("alpha: 0.1", "alpha: 2")
        .replace("{name: HAM}", "{name: SPAM}")
        .replace("batch", "btch")
    )
    text = text.replace("language ==", "language =").replace("use: seed", "use: no")
    found = problems(load, text)
    lines = [int(problem.split(":")[1].split()[0]) for problem in found]
    assert len(found) == 5
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "configs/spam.yaml: expected a config, got an empty file."),
        (b"# nothing\n", "expected a config, got an empty file."),
        (b"- a\n", "expected keys with values, got a list or text."),
        (b"a:\n\tb: 1\n", "configs/spam.yaml:2: expected spaces at the start of the line, got a tab."),
        (b"a: [1\nb: 2\n", "configs/spam.yaml:2: expected YAML, got a fault while parsing a flow sequence"),
        (b"a: 1\n---\nb: 1\n", "configs/spam.yaml:2: expected one document, got a second one."),
        (b"a: 1\nb: \xff\n", "configs/spam.yaml:2: expected UTF-8, got byte 0xff. Save the file as UTF-8."),
        (b"a: 1\nb: \x00\n", "configs/spam.yaml:2: expected text, got a control character."),
        (b"a: *b\n", "configs/spam.yaml:1: expected YAML, got a fault"),
    ],
)
def test_files_that_are_no_config(load: Load, text: bytes, expected: str) -> None:
    assert expected in problems(load, text)[0]


def test_aliases_are_refused_even_where_they_never_end(load: Load) -> None:
    assert "expected a value, got an alias" in " ".join(problems(load, "a: &x [1]\nb: *x\n"))
    assert "expected a value, got an alias" in " ".join(problems(load, "a: &x [*x]\n"))


def test_a_byte_order_mark_is_no_fault(load: Load) -> None:
    assert load(b"\xef\xbb\xbf" + LEAST.encode()).project == "spam"


def test_a_missing_file_and_a_folder_list_what_there_is(load: Load) -> None:
    load(LEAST)
    with pytest.raises(
        InputError, match=r"configs/spm.yaml: .*no such file. Did you mean configs/spam.yaml\?"
    ):
        load_config("configs/spm.yaml")
    with pytest.raises(InputError, match=r"configs: .*a folder. There are configs/spam.yaml"):
        load_config("configs")


def test_find_config(load: Load) -> None:
    with pytest.raises(InputError, match="expected a config, got none"):
        find_config(None)
    load(LEAST)
    assert [find_config(a) for a in (None, "spam", "spam.yaml", "configs/spam.yaml")] == [
        Path("configs/spam.yaml")
    ] * 4
    Path("configs/b.yml").touch()
    with pytest.raises(InputError, match=r"got configs/b.yml, configs/spam.yaml. Name one of them"):
        find_config(None)
    with pytest.raises(InputError, match=r"There are configs/b.yml, configs/spam.yaml"):
        find_config("other")


def test_find_config_takes_the_only_one_of_a_folder_without_configs(load: Load) -> None:
    load(LEAST, "mine.yaml")
    assert find_config(None) == Path("mine.yaml") == find_config("mine")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_config_or_an_input_error(load: Load, text: str) -> None:
    with suppress(InputError):
        assert load(LEAST + text.encode("utf-8", "replace").decode()).project


TEXTLESS = LEAST.replace("{path: data/pool.csv}", "{path: data/pool.csv, text: null}")


def test_items_without_text_need_fields(load: Load) -> None:
    [missing] = problems(load, TEXTLESS)
    assert "learner.fields: expected fields, as the items have no text" in missing
    [senseless] = problems(load, TEXTLESS + "learner: {fields: [age], features: embeddings}\n")
    assert "learner.features: expected fields alone, as the items have no text" in senseless
    config = load(TEXTLESS + "learner: {fields: [age]}\n")
    assert (config.items.text, config.items.text_field) == (None, "row_text")
    assert load(LEAST).items.text_field == "text"
