"""The reason of every route says what the votes on that row say, in explain as in an export."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from labeling.explain import explain_row
from labeling.export import export_labels
from labeling.project import Project
from labeling.rounds.live import turn
from labeling.routing.opinions import counted
from tests.fakes import FakeQueue
from tests.projects import answer, gold_of, opened, small_rows, synced, write_project

ROWS = [{**row, "lf_old": "BILL" if i % 7 == 0 else None} for i, row in enumerate(small_rows(120))]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Give an export after one round of answers, with what `explain` says of some rows."""
    folder = tmp_path_factory.mktemp("reasons")
    config = write_project(folder, ROWS, audit=10, batch=20)
    text = config.read_text(encoding="utf-8")
    recorded = '  - functions: functions.py\n  - columns: ["lf_*"]\n'
    config.write_text(text.replace("  - functions: functions.py\n", recorded), encoding="utf-8")
    with opened(config) as project:
        queue = FakeQueue(project.schema)
        turn(project)
        synced(project, queue)
        answer(queue, gold_of(ROWS))
        synced(project, queue)
        turn(project)
        frame = export_labels(project, folder / "labels.csv").set_index("id")
        frame["explained"] = explained(project, frame)
    return frame


def explained(project: Project, frame: pd.DataFrame) -> pd.Series:
    """Give the reasons of `explain`, for one row of each route and source."""
    shown = frame.groupby(["route", frame["source"].fillna("-")]).head(1).index
    return pd.Series({row: explain_row(project, row).reason for row in shown}).reindex(frame.index)


def test_voters_are_counted_by_what_they_are(exported: pd.DataFrame) -> None:
    by_machine = exported[exported["source"] != "human"]
    assert len(by_machine) > 60
    for row in by_machine.itertuples():
        votes = {name: cast["vote"] for name, cast in json.loads(row.voters).items()}
        mine = [name for name, vote in votes.items() if vote == row.suggestion]
        recorded = sum(name == "lf_old" for name in mine)
        first = row.reason.split(f" {row.suggestion}, ")[0]
        for n, kind in ((len(mine) - recorded, "function"), (recorded, "recorded vote")):
            assert (counted(n, kind) in first) == (n > 0), row.reason
        others = {vote for vote in votes.values() if vote != row.suggestion}
        if len(others) == 1:
            assert f" {others.pop()}" in row.reason.split("; ")[1]


def test_each_route_has_its_reason(exported: pd.DataFrame) -> None:
    human = exported[exported["source"] == "human"]
    assert set(human["route"]) == {"accept"}
    assert all(reason.endswith(f" said {label}") for reason, label in human[["reason", "label"]].to_numpy())
    rest = exported[exported["source"] != "human"]
    fires = rest["voters"].str.contains('"FIRE"')
    assert fires.any()
    said = "people decide: a voter says FIRE, which is critical"
    assert rest.loc[fires, "reason"].str.contains(said, regex=False).all()
    assert rest.loc[rest["reason"].str.contains("people decide: "), "route"].eq("review").all()
    endings = set(rest["reason"].str.split("; ").str[-1][~rest["reason"].str.contains("people decide: ")])
    assert endings <= {
        "chosen for people",
        "no certificate is in force, people come to it",
        "nobody votes on it, and it is not chosen for people",
    }


def test_explain_gives_the_same_reason(exported: pd.DataFrame) -> None:
    shown = exported[exported["explained"].notna()]
    assert len(shown) >= 3
    assert (shown["explained"] == shown["reason"]).all()
