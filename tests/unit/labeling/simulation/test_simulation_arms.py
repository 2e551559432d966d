"""Arms and voters are chosen by name; a name that there is not is told with what there is."""

from __future__ import annotations

import numpy as np
import pytest

from labeling.errors import InputError
from labeling.simulation.arms import ARMS, DEFAULT_ARMS, Arm, chosen_arms
from labeling.simulation.preparation import chosen_voters, code_digest
from labeling.simulation.setting import some_voters
from labeling.types import VoteMatrix

VOTERS = ["lf_a", "lf_b", "desk@m"]


def test_arms_come_in_the_order_in_which_they_are_named_and_once() -> None:
    assert [arm.name for arm in chosen_arms(["random", "quorum", "random"])] == ["random", "quorum"]
    assert chosen_arms(DEFAULT_ARMS) == [ARMS["quorum"], ARMS["active_only"], ARMS["random"]]


def test_each_strategy_adds_an_arm() -> None:
    added = chosen_arms(["quorum"], ["margin", "entropy"])[1:]
    assert added == [
        Arm("quorum:margin", strategy="margin", audited=True),
        Arm("quorum:entropy", strategy="entropy", audited=True),
    ]


def test_unknown_arms_are_all_told() -> None:
    with pytest.raises(InputError) as raised:
        chosen_arms(["quorun", "quorum", "nothing"])
    assert len(raised.value.problems) == 2
    assert "Did you mean quorum?" in str(raised.value)


def test_only_ours_spends_answers_on_an_audit() -> None:
    assert [name for name, arm in ARMS.items() if arm.audited] == ["quorum"]


def test_voters_are_meant_by_name_or_pattern() -> None:
    assert chosen_voters(["desk@m", "lf_a"], VOTERS) == ["lf_a", "desk@m"]
    assert chosen_voters(["lf_*"], VOTERS) == ["lf_a", "lf_b"]
    assert chosen_voters(["none"], VOTERS) == []
    with pytest.raises(InputError, match=r"'lf_c'.*Did you mean"):
        chosen_voters(["lf_a", "lf_c"], VOTERS)


def test_some_voters_keep_their_votes() -> None:
    hard = np.array([[0, 1, -1], [1, -1, 0]], dtype=np.int8)
    soft = {"desk@m": np.full((2, 2), 0.5, dtype=np.float32)}
    votes = VoteMatrix(hard, tuple(VOTERS), 2, soft=soft)
    kept = some_voters(votes, ["desk@m", "lf_a"])
    assert kept.voters == ("lf_a", "desk@m")
    assert kept.hard.tolist() == [[0, -1], [1, 0]]
    assert kept.soft.keys() == {"desk@m"}
    nobody = some_voters(votes, [])
    assert (nobody.voters, nobody.hard.shape, nobody.soft) == ((), (2, 0), {})


def test_code_has_a_digest() -> None:
    class Learner:
        pass

    assert code_digest(Learner) == code_digest(Learner)
    assert len(code_digest(Learner)) == 32
