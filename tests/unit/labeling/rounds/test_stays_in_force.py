"""Which of two promises that hold is kept in force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labeling.certificates import AuditedUnits, Outcome, Terms, certify
from labeling.certificates.units import Audit, Clusters
from labeling.pool.releases import Released
from labeling.rounds.looks import stays_in_force

N = 400
DIGESTS = np.array([f"d{i}" for i in range(N)], dtype=object)
AUDIT = Audit(
    clusters=Clusters.of(DIGESTS),
    drawn=np.zeros(N, dtype=bool),
    outside=np.zeros(N, dtype=bool),
    answers=np.full(N, -1, dtype=np.int8),
)
TERMS = Terms("dataset", 0.05, 0.05, N, 1, 1, "scorer", "table", ("anna",))


def units() -> AuditedUnits:
    audited = np.arange(N) % 2 == 0
    return AuditedUnits(
        clusters=AUDIT.clusters.names.tolist(),
        scores=np.linspace(0.9, 0.6, N),
        eligible=np.arange(N) < 360,
        audited=audited,
        answered=audited,
        wrong=np.zeros(N, dtype=bool),
    )


PASSED = certify(units(), TERMS)


ASKED = {"promise": "dataset", "alpha": 0.05, "delta": 0.05, "groups": None}


def released(count: int, **told: object) -> Released:
    """The certificate in force, which accepts so many of the eligible contents and ten that are not."""
    assert PASSED.certificate is not None
    able = DIGESTS[np.isin(DIGESTS, AUDIT.clusters.names[units().eligible])]
    other = DIGESTS[~np.isin(DIGESTS, able)][:10]
    labels = dict.fromkeys([*able[:count], *other, "gone"], "HAM")
    return Released(3, labels, frozenset(), PASSED.certificate.to_dict() | {"asked": ASKED} | told)


def stays(before: Released, outcome: Outcome = PASSED) -> str | None:
    return stays_in_force(ASKED, before, AUDIT, units(), DIGESTS, outcome)


def test_the_one_that_accepts_more_of_today_stays() -> None:
    assert int(PASSED.accepted.sum()) == 180
    assert stays(released(180)) is None
    said = stays(released(181))
    assert said == (
        "the challenger passed, but it accepts 180 of today's labels and certificate 3 accepts 181: "
        "that one stays in force"
    )


def test_a_promise_of_another_kind_or_audit_takes_its_place() -> None:
    assert stays(released(300, frame=2)) is None
    for other in ({"alpha": 0.1}, {"promise": "selective"}, {"groups": {"by": "class", "most": 3}}):
        assert stays(released(300, asked=ASKED | other)) is None


def test_without_a_certificate_in_force_or_a_pass_nothing_stays() -> None:
    assert stays(Released()) is None
    assert stays(released(300), replace(PASSED, certificate=None)) is None
