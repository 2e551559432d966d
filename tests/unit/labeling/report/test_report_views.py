"""How sections look: sentences, tables and pictures of figures that are made here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from labeling.analysis import Totals, VoterSummary
from labeling.calibration.reliability import measure_reliability
from labeling.certificates import AuditedUnits, Certificate, Terms, certify
from labeling.development.accuracy import Accuracy
from labeling.development.diff import DiffReport, VoterChange
from labeling.development.moves import Change, Move
from labeling.people.shares import Share
from labeling.releases.changes import compare
from labeling.report import views, votes_views
from labeling.report.certified import Attempt, Certified
from labeling.report.flips import Flips, ReleaseLine
from labeling.report.funnel import Funnel, Reason, Stage
from labeling.report.held_out import HeldOut, class_figures, confusion
from labeling.report.learning import Learning, Point, Turn
from labeling.report.slices import SliceLine, Slices
from labeling.report.spending import ModelSpending, Spending
from labeling.report.voters import Edit, Voters
from labeling.voting import VoteReport
from tests.pages import Reader
from tests.release_contents import contents

HOSTILE = "<script>\u202e"
SHOWN = "<script>\ufffd"

PASSED = Attempt(1, "2026-01-02T03:04:05+00:00", 3, 1, True, 90, 40, 1, "at most 5 %", None)
REFUSED = replace(PASSED, number=2, passed=False, accepted=None, statement="too many are wrong")

SUMMARY = VoterSummary(
    name=HOSTILE,
    polarity=("HAM",),
    coverage=0.5,
    overlaps=0.25,
    conflicts=0.125,
    accuracy=None,
    accuracy_interval=None,
    judged=0,
    weight=None,
    ran=0,
    cached=4,
    faults=2,
    first_fault=None,
    refused=None,
    seconds=0.0,
)


def shown(parts: Iterable[str]) -> Reader:
    return Reader("".join(parts))


def report_of_votes(*voters: VoterSummary, remarks: tuple[str, ...] = ()) -> VoteReport:
    totals = Totals((), 0.0, 0.0, 0.0)
    return VoteReport(4, 4, 2, voters, {}, remarks, {}, "none", totals, (), {})


def test_the_funnel_says_why_items_are_held() -> None:
    stages = (Stage("rows", 80, 100), Stage("covered", 60, 75))
    read = shown(views.funnel(Funnel(stages, (Reason("hold", HOSTILE, 1234),))))
    assert "75.0%" in read.said
    assert read.said[-3:] == [SHOWN, "hold", "1,234"]
    assert len(read.named("table")) == 2
    assert len(shown(views.funnel(Funnel(stages, ()))).named("table")) == 1


def test_each_test_says_what_became_of_it() -> None:
    void = replace(PASSED, number=3, ended="an answer was edited")
    found = Certified(1, None, (PASSED, REFUSED, void), None, ())
    assert [found.fate(test) for test in found.tests] == [
        "in force",
        "too many are wrong",
        "an answer was edited",
    ]
    assert replace(found, number=4).fate(PASSED) == "holds; another one is in force"


def test_without_a_certificate_in_force_the_audit_says_what_is_missing() -> None:
    found = Certified(None, None, (REFUSED,), "3 of 40 audit answers", ("rows are gone",))
    read = shown(views.certificate(found))
    assert read.said[:3] == [
        "No certificate is in force.",
        "rows are gone",
        "The present audit: 3 of 40 audit answers.",
    ]
    assert "2026-01-02 03:04" in read.said
    assert not read.named("svg")


def given(group: str | None = None) -> Certificate:
    """Give a certificate of 200 texts, of which 60 were audited and 2 of these are wrong."""
    rank = np.arange(200)
    audited = rank % 10 < 3
    units = AuditedUnits(
        clusters=[f"text {i}" for i in rank],
        scores=1 - rank / 400,
        eligible=np.ones(200, dtype=bool),
        audited=audited,
        answered=audited,
        wrong=np.isin(rank, (190, 192)),
        critical=np.zeros(200, dtype=bool),
    )
    found = certify(units, Terms("dataset", 0.1, 0.05, 200, 1, 1, "sco", "cov", (HOSTILE,))).certificate
    assert found is not None
    return replace(found, group=group)


def test_a_certificate_shows_what_it_rests_on() -> None:
    found = given()
    read = shown(views.certificate(Certified(1, found, (PASSED,), None, ())))
    assert read.said[0].startswith("At most 10 % of these 200 distinct texts")
    start = read.said.index("could be accepted")
    assert read.said[start : start + 6 : 2] == ["could be accepted", "of these audited", "of these wrong"]
    assert read.said[start + 1 : start + 6 : 2] == [f"{found.top:,}", f"{found.audited:,}", "2"]
    assert any(said.endswith(f"audited by {SHOWN}. ") for said in read.said)
    assert len(read.named("svg")) == 1


def test_each_group_with_a_promise_has_its_own_figures() -> None:
    parts = (given("class HAM"), given("class SPAM"))
    whole = replace(given(), groups=parts)
    read = shown(views.certificate(Certified(1, whole, (PASSED,), None, ())))
    captions = [said for said in read.said if said.startswith("What the certificate rests on")]
    assert captions == [f"What the certificate rests on: {part.group}" for part in parts]
    names = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(read.named("svg")) == 2
    assert len(names) == len(set(names))


def test_labels_that_flipped_are_listed_with_reasons() -> None:
    before = contents([("r0", "a", "HAM", "human"), (HOSTILE, "b", "SPAM", "human")], number=1)
    after = contents([("r0", "a", "HAM", "human"), (HOSTILE, "b", "HAM", "human")], number=2)
    line = ReleaseLine(2, "2026-01-02T03:04:05+00:00", None, 2, 2, True)
    read = shown(views.flips(Flips((line,), 1, 2, compare(before, after))))
    assert any("1 labels flipped, 0 gained, 0 lost" in said for said in read.said)
    assert SHOWN in read.said
    assert "The first 1 of 1 rows" in read.said
    alone = shown(views.flips(Flips((line,), None, None, None)))
    assert len(alone.named("table")) == 1
    assert "quorum relabel" in alone.said


def test_slices_are_held_against_gold_where_there_is_some() -> None:
    line = SliceLine(HOSTILE, "text == 'x'", True, 9, 8, 7, 6, 5, Share(3, 4), Share(0, 0))
    read = shown(views.slices(Slices((line,))))
    assert read.said[-10:-2] == [SHOWN, "text == 'x'", "yes", "9", "8", "7", "6", "5"]
    assert read.said[-2].startswith("75%")
    assert read.said[-1] == "–"
    assert (
        "gold: {column: C, use: score}"
        in shown(views.slices(Slices((replace(line, right=Share(0, 0)),)))).said
    )


def test_language_models_are_told_with_their_worst_case() -> None:
    model = ModelSpending(HOSTILE, 30, 1, 2, 3, 1000, 50, 0, 400, 1.5, 2.25, 4, None)
    read = shown(views.spending(Spending((model,))))
    assert read.said[0].startswith("1.50 US dollars")
    assert read.said[-11:-1] == [SHOWN, "30", "2", "3", "1,000", "400", "50", "1.50", "2.25", "–"]
    assert read.said[-1] == f"{SHOWN}: 4 answers have no price"


def test_without_times_there_is_no_cost() -> None:
    point = Point(10, 12, 0.9, 0.8, 1.0, None, 0.0, None, False)
    turn = Turn(1, 10, 12, 0.75, {"accept": 5})
    found = Learning(2, "accuracy 0.900", "labels still change", 0.95, (point,), (turn,))
    read = shown(views.learning(found))
    assert read.said[0] == "Round 2: accuracy 0.900; labels still change."
    assert read.said[-7:] == ["1", "10", "12", "0.750", "5", "0", "0"]
    assert not shown(views.quality(found)).named("svg")
    timed = replace(found, points=(replace(point, hours=1.5),))
    assert "people: {cost_per_hour: C}" in shown(views.quality(timed)).said


def test_an_edit_is_told_by_the_votes_and_labels_that_changed() -> None:
    change = Change((Move(None, "HAM", 7, ()), Move("HAM", "SPAM", 2, ())), Accuracy(0, 0), Accuracy(3, 4))
    edit = DiffReport(False, None, 9, 9, (VoterChange(HOSTILE, "aaa", "bbb", change),), change)
    found = Voters(report_of_votes(SUMMARY), (edit,), (Edit("2026-01-02T03:04", (), ("b", HOSTILE), ("c",)),))
    read = shown(votes_views.voters(found))
    start = read.said.index("aaa")
    assert read.said[start - 1 : start + 8] == [SHOWN, "aaa", "bbb", "7", "0", "2", "–", "75.0% of 4", "9"]
    assert read.said[-4:] == ["2026-01-02 03:04", f"b, {SHOWN}", "–", "c"]
    assert "quorum lf diff" in shown(votes_views.voters(replace(found, last_edits=()))).said


def test_reliability_takes_both_sources_or_says_what_is_missing() -> None:
    assert "quorum up" in shown(votes_views.reliability({}, None)).said
    proba = np.random.default_rng(0).dirichlet([1, 1], 60)
    found = measure_reliability(proba, proba.argmax(axis=1))
    read = shown(votes_views.reliability({"calibrated": found}, found))
    assert {"label model, calibrated", "scorer, on the held-out file"} <= set(read.said)
    assert len(read.named("table")) == 3


def test_held_out_figures_say_what_was_left_out() -> None:
    labels, truth = np.array([0, 0, 1], dtype=np.int8), np.array([0, 1, 1], dtype=np.int64)
    proba = np.eye(2)[labels]
    found = HeldOut(
        items=3,
        among_data=2,
        unlabelled=1,
        right=Share(2, 3),
        votes_right=Share(0, 0),
        log_loss=0.5,
        classes=class_figures(labels, truth, ("HAM", "SPAM")),
        confusion=confusion(labels, truth, 2),
        reliability=measure_reliability(proba, truth),
        silent=(HOSTILE,),
    )
    read = shown(votes_views.held_out(found, ("HAM", "SPAM")))
    assert read.said[0].startswith("Accuracy 66.7% (20.8% to 93.9%) on 3 held-out items")
    assert read.said[1].startswith("2 held-out items are left out")
    assert read.said[3] == f"voters that vote on no held-out item: {SHOWN}"
    assert read.said[-6:] == ["HAM", "1", "0", "SPAM", "1", "1"]
