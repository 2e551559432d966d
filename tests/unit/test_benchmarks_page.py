"""The page of benchmarks: its tables by hand, its pictures, and what a small set gives."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from labeling.simulation.curves import Point, mean_curve, savings
from labeling.simulation.study import Simulation
from tests.benchmarks import curves, page
from tests.benchmarks.curves import Curves, Size
from tests.benchmarks.harness import Result
from tests.projects import small_rows

SPEED = Result(ours=0.25, peer=2.0, ratio=8.0, floor=5.0, equal=True)


def simulation() -> Simulation:
    steps = {"quorum": [(50, 0.9), (100, 0.95)], "active_only": [(50, 0.7), (100, 0.9)]}
    drawn = {
        arm: mean_curve([[Point(n, a, ece=0.02, log_loss=0.3) for n, a in points]])
        for arm, points in steps.items()
    }
    return Simulation(drawn, None, 1, 1234, 1200, 0, "perfect people", savings(drawn))


def test_a_section_holds_picture_table_and_savings() -> None:
    text = page.curve_section(Curves("imdb_llm", simulation()))
    assert "### imdb_llm: 1,234 rows, 1 seeds" in text
    assert "(pictures/curves-imdb-llm.png)" in text
    assert "| answers | quorum | active only | ECE | log-loss |" in text
    assert "| 100 | .950 ± .000 | .900 ± .000 | .020 | .300 |" in text
    assert "- quorum reaches .900 with about 50 answers, active only needs 100" in text


def test_savings_are_results_like_the_others() -> None:
    [(name, result)] = Curves("trec", simulation()).results().items()
    assert name == "trec, answers for 0.900, against active_only"
    assert result == Result(50, 100, 2.0, 1.0, True, "answers")
    assert curves.all_results([Curves("trec", simulation())]) == {name: result}


@pytest.mark.parametrize(
    ("result", "said"),
    [(SPEED, "yes"), (replace(SPEED, ratio=4.9), "no"), (replace(SPEED, equal=False), "no")],
)
def test_a_row_tells_whether_it_is_as_it_should_be(result: Result, said: str) -> None:
    last = page.result_table({"snorkel, 5 %": result}).splitlines()[-1]
    assert last == f"| snorkel, 5 % | 0.25 s | 2 s | {result.ratio:g} | 5 | {said} |"


def test_numbers_are_short() -> None:
    assert [page.share(value) for value in (0.5, 1.0, None, 0.0)] == [".500", "1.000", "–", ".000"]


def test_the_page_is_written_with_its_pictures(tmp_path: Path) -> None:
    families = {"Label models": {"snorkel": SPEED}, "Many rows": {"votes": SPEED}}
    page.write_page(families, [Curves("youtube", simulation())], "short", tmp_path)
    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n")
    assert "This is the short form, on " in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Answers and accuracy",
        "## Label models",
        "## Many rows",
    ]
    assert (tmp_path / "pictures" / "curves-youtube.png").read_bytes().startswith(b"\x89PNG")
    assert "\n\n\n" not in text


def test_a_small_set_goes_all_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    rows = [{**row, "lf_parcel": "SHIP" if "parcel" in row["text"] else None} for row in small_rows(60)]
    with gzip.open(folder / "pool.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    monkeypatch.setattr(curves, "DATA", tmp_path)
    monkeypatch.setitem(curves.CLASSES, "small", ("BILL", "SHIP", "FIRE"))
    monkeypatch.setattr(curves, "ARMS", ("quorum", "random"))
    monkeypatch.setattr(curves, "available_threads", lambda: 1)
    found = curves.compare_on("small", Size(labels=20, seeds=1, rows=50))
    assert (found.result.rows, found.result.people) == (50, "perfect people")
    assert list(found.result.curves) == ["quorum", "random"]
    assert found.results().keys() == {name for name in found.results() if name.startswith("small, answers")}
    page.write_page({}, [found], "full", tmp_path / "docs")
    assert (tmp_path / "docs" / "pictures" / found.picture).exists()


def test_the_page_in_the_documentation_names_every_set_and_has_its_pictures() -> None:
    text = (page.DOCS / "benchmarks.md").read_text(encoding="utf-8")
    for name in ("youtube", "trec", "agnews", "imdb_llm"):
        assert f"### {name}: " in text
        assert (page.DOCS / "pictures" / Curves(name, simulation()).picture).exists()


def test_absent_data_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "DATA", tmp_path / "nowhere")
    with pytest.raises(SystemExit, match="QUORUM_DATA"):
        curves.compare_all(curves.SHORT)
