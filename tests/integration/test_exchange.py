"""The exchange with a review queue: nothing twice, nothing lost, whatever breaks in between."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from labeling.errors import Unavailable
from labeling.project import Desk, Project
from labeling.rounds.live import LEASE, exchange, tick, turn
from labeling.rounds.sync import sync
from labeling.rounds.turn import REPRIORITISE
from labeling.store import TaskStatus, intents, lease
from labeling.store import annotations as answers
from labeling.types import Lane, Pull, Receipt, ReviewTask
from tests.fakes import FakeQueue
from tests.projects import answer, digest, gold_of, known, opened, small_rows, synced, write_project

ROWS = small_rows(60)
GOLD = gold_of(ROWS)


class CountingQueue(FakeQueue):
    """A queue that keeps what it was told and breaks when a test says so."""

    def __init__(self, project: Project) -> None:
        super().__init__(project.schema)
        self.sent: list[str] = []
        self.orders: list[str] = []
        self.breaks: set[str] = set()
        self.replays = False

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        self._down("before push")
        self.sent += [t.task_id for t in tasks if t.task_id not in self.tasks]
        receipts = super().push(tasks)
        self._down("after push")
        return receipts

    def withdraw(self, task_ids: Collection[str]) -> None:
        self._down("withdraw")
        super().withdraw(task_ids)

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        self._down("before reprioritise")
        self.orders.append(version)
        super().reprioritise(version, tasks)
        self._down("after reprioritise")

    def pull(self, cursor: str) -> Pull:
        self._down("pull")
        return super().pull("" if self.replays else cursor)

    def _down(self, where: str) -> None:
        if where in self.breaks:
            raise Unavailable(f"Label Studio at {where} cannot be reached.")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with opened(write_project(tmp_path, ROWS)) as found:
        yield found


@pytest.fixture
def queue(project: Project) -> CountingQueue:
    return CountingQueue(project)


def gold(project: Project) -> dict[str, str | None]:
    people = known(project)
    row_of = {t.digest: t.row_id for t in people.tasks}
    return {row_of[d]: g.label for d, g in people.gold.items()}


def open_orders(project: Project) -> int:
    with project.store.read() as tx:
        return len(intents.open_intents(tx, REPRIORITISE))


def test_tasks_go_out_and_answers_come_in(project: Project, queue: CountingQueue) -> None:
    turn(project)
    sent = synced(project, queue)
    assert (sent.pushed, sent.open, sent.pulled, sent.gold, sent.withdrawn) == (15, 15, 0, 0, 0)
    assert {t.status for t in known(project).tasks} == {TaskStatus.OPEN}
    ids = answer(queue, GOLD)
    got = synced(project, queue)
    assert (got.pulled, got.gold, got.pushed, got.open) == (15, 15, 0, 0)
    assert gold(project) == {row: GOLD[row] for row in gold(project)}
    assert len(ids) == 15


def test_what_people_see_holds_no_label_and_no_audit_suggestion(
    project: Project, queue: CountingQueue
) -> None:
    turn(project)
    synced(project, queue)
    for task in queue.tasks.values():
        assert task.fields.keys() == {"text"}
        assert task.lane == Lane.REVIEW or (task.suggestion, task.confidence) == (None, None)
    places = sorted(queue.tasks.values(), key=lambda t: t.priority)
    assert [t.lane for t in places] != sorted((t.lane for t in places), reverse=True)


def test_an_exchange_without_news_changes_nothing(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    synced(project, queue)
    before = digest(project)
    again = synced(project, queue)
    assert (again.pulled, again.pushed, again.withdrawn) == (0, 0, 0)
    assert digest(project) == before


def test_answers_delivered_twice_are_stored_once(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    synced(project, queue)
    before = digest(project)
    queue.replays = True
    assert synced(project, queue).pulled == 0
    with project.store.read() as tx:
        assert len(answers.current(tx)) == 15
        assert {stored.revision for stored in answers.current(tx)} == {1}
    assert digest(project) == before


def test_a_skip_is_no_label_and_is_not_asked_again(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    skipped = queue.tasks[queue.next_task()]
    queue.skip(skipped.task_id)
    report = synced(project, queue)
    assert (report.pulled, report.gold, report.open) == (1, 0, 14)
    assert gold(project) == {skipped.row_id: None}
    turn(project)
    synced(project, queue)
    assert [t.digest for t in queue.tasks.values()].count(skipped.digest) == 1


def test_edits_and_deletions_are_followed(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    first, second = sorted(queue.open_ids())[:2]
    edited, deleted = queue.answer(first, "BILL"), queue.answer(second, "SHIP")
    synced(project, queue)
    queue.edit(edited, "SHIP")
    queue.delete(deleted)
    report = synced(project, queue)
    assert (report.pulled, report.gold, report.open) == (2, 1, 14)
    assert gold(project) == {queue.tasks[first].row_id: "SHIP"}
    with project.store.read() as tx:
        history = answers.history(tx, queue.tasks[first].digest)
    assert [(h.annotation.label, h.revision) for h in history] == [("BILL", 1), ("SHIP", 2)]


def test_a_deleted_answer_can_be_given_again(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    task_id = queue.next_task()
    queue.delete(queue.answer(task_id, "BILL"))
    synced(project, queue)
    queue.answer(task_id, "SHIP")
    synced(project, queue)
    assert list(gold(project).values()) == ["SHIP"]


def test_two_who_disagree_give_no_label_and_a_third_settles_it(
    project: Project, queue: CountingQueue
) -> None:
    turn(project)
    synced(project, queue)
    task_id = queue.next_task()
    queue.answer(task_id, "BILL", annotator="ann@example.com")
    queue.answer(task_id, "SHIP", annotator="bob@example.com")
    synced(project, queue)
    assert list(gold(project).values()) == [None]
    queue.answer(task_id, "SHIP", annotator="cay@example.com")
    synced(project, queue)
    assert list(gold(project).values()) == ["SHIP"]


def test_answers_of_foreign_tasks_are_left_alone(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    known_task = next(iter(queue.tasks.values()))
    queue.tasks["foreign"] = replace(known_task, task_id="foreign")
    queue.answer("foreign", "BILL")
    report = synced(project, queue)
    assert (report.pulled, report.gold) == (0, 0)


@pytest.mark.parametrize(
    "where", ["pull", "before push", "after push", "before reprioritise", "after reprioritise"]
)
def test_a_queue_that_breaks_anywhere_loses_and_doubles_nothing(
    project: Project, queue: CountingQueue, where: str
) -> None:
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    turn_after = synced(project, queue)
    assert turn_after.gold == 15
    turn(project)
    queue.breaks = {where}
    with pytest.raises(Unavailable, match="cannot be reached"):
        synced(project, queue)
    assert turn(project).repeated
    queue.breaks = set()
    synced(project, queue)
    people = known(project)
    assert len(queue.sent) == len(set(queue.sent)) == len(people.tasks)
    assert {t.status for t in people.tasks} == {TaskStatus.OPEN}
    assert queue.tasks.keys() == {t.task_id for t in people.tasks}
    assert open_orders(project) == 0
    assert sum(g.label is not None for g in people.gold.values()) == 15


def test_a_broken_withdrawal_is_tried_again(project: Project, queue: CountingQueue, tmp_path: Path) -> None:
    turn(project)
    synced(project, queue)
    gone = known(project).open_review[0]
    write_project(tmp_path, [r for r in ROWS if r["id"] != gone.row_id])
    queue.breaks = {"withdraw"}
    with pytest.raises(Unavailable):
        synced(project, queue)
    assert known(project).task_of[gone.digest].status == TaskStatus.OPEN
    queue.breaks = set()
    assert synced(project, queue).withdrawn == 1
    assert gone.task_id not in queue.tasks
    assert synced(project, queue).withdrawn == 0


def test_answers_that_came_while_the_books_were_open_are_kept(project: Project, queue: CountingQueue) -> None:
    """People answer between a push and its bookkeeping, which then fails."""
    turn(project)
    queue.breaks = {"after push"}
    with pytest.raises(Unavailable):
        synced(project, queue)
    assert {t.status for t in known(project).tasks} == {TaskStatus.INTENDED}
    answer(queue, GOLD)
    queue.breaks = set()
    assert synced(project, queue).gold == 15


def test_the_order_of_a_round_is_given_once(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    synced(project, queue)
    assert queue.orders == ["round-1"]
    for task_id in sorted(queue.open_ids())[:4]:
        queue.answer(task_id, GOLD[queue.tasks[task_id].row_id])
    synced(project, queue)
    turn(project)
    synced(project, queue)
    synced(project, queue)
    assert queue.orders == ["round-1", "round-2"]
    waiting = {t.task_id: t for t in known(project).tasks if t.digest not in known(project).gold}
    assert {i: queue.tasks[i].priority for i in queue.open_ids()} == {
        i: t.priority for i, t in waiting.items()
    }


def test_orders_that_piled_up_are_given_as_one(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    queue.breaks = {"before reprioritise"}
    for round_number in (2, 3):
        task = next(t for t in known(project).open_review if t.task_id in queue.open_ids())
        queue.answer(task.task_id, GOLD[task.row_id])
        try_to_sync(project, queue)
        assert turn(project).round == round_number
        try_to_sync(project, queue)
    assert open_orders(project) == 2
    queue.breaks = set()
    synced(project, queue)
    assert open_orders(project) == 0
    assert queue.orders == ["round-1", "round-3"]


def try_to_sync(project: Project, queue: CountingQueue) -> None:
    with suppress(Unavailable):
        synced(project, queue)


def test_a_lease_that_was_lost_writes_nothing(project: Project, queue: CountingQueue) -> None:
    turn(project)
    held = lease.acquire(project.store, LEASE, ttl=0.01)
    held._stop.set()
    before = digest(project)
    with lease.acquire(project.store, LEASE, wait=5), pytest.raises(Unavailable, match="taken over"):
        sync(project, queue, held)
    assert digest(project) == before
    synced(project, queue)
    assert len(queue.sent) == len(set(queue.sent)) == 15


def test_a_tick_survives_a_queue_that_is_down(project: Project, queue: CountingQueue) -> None:
    said: list[str] = []
    say: Callable[[str], None] = said.append
    turn(project)
    desk = Desk(queue, "nowhere")
    exchange(project, desk)
    queue.breaks = {"pull"}
    assert tick(project, desk, 0, say) == 0
    assert said == ["Label Studio at pull cannot be reached. Trying again."]


def test_a_tick_turns_the_loop_after_a_fifth_of_a_batch(project: Project, queue: CountingQueue) -> None:
    said: list[str] = []
    turn(project)
    desk = Desk(queue, "nowhere")
    exchange(project, desk)
    waiting = [t.task_id for t in known(project).open_review]
    queue.answer(waiting[0], "BILL")
    assert (tick(project, desk, 0, said.append), queue.orders) == (0, ["round-1"])
    queue.answer(waiting[1], "SHIP")
    queue.breaks = {"before reprioritise"}
    assert (tick(project, desk, 0, said.append), queue.orders) == (0, ["round-1"])
    assert said[-1] == "Label Studio at before reprioritise cannot be reached. Trying again."
    queue.breaks = set()
    assert (tick(project, desk, 0, said.append), queue.orders) == (2, ["round-1", "round-2"])
    assert said[-1].startswith("round 2: ")


def test_a_queue_that_lost_everything_changes_nothing_here(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    answer(queue, GOLD)
    synced(project, queue)
    before = digest(project)
    with pytest.raises(Unavailable, match="holds none of the 15 tasks"):
        synced(project, CountingQueue(project))
    assert digest(project) == before
    assert synced(project, queue).gold == 15


def test_what_somebody_skipped_keeps_its_place_in_a_new_order(project: Project, queue: CountingQueue) -> None:
    turn(project)
    synced(project, queue)
    skipped = queue.next_task()
    queue.skip(skipped)
    synced(project, queue)
    for task_id in sorted(queue.open_ids())[:5]:
        queue.answer(task_id, "BILL")
    synced(project, queue)
    turn(project)
    ordered: list[str] = []
    reprioritise = queue.reprioritise

    def noting(version: str, tasks: Sequence[ReviewTask]) -> None:
        ordered.extend(t.task_id for t in tasks)
        reprioritise(version, tasks)

    queue.reprioritise = noting  # type: ignore[method-assign]
    synced(project, queue)
    assert skipped in ordered
