"""Stand-ins behind the engine's ports; each passes the contract suite of the real thing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from labeling.store.clock import now
from labeling.types import (
    Annotation,
    Batch,
    BatchResult,
    Capabilities,
    CompletionAnswer,
    CompletionError,
    CompletionRequest,
    LabelSchema,
    Pull,
    RateLimits,
    Receipt,
    ReviewTask,
    Usage,
)

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class FakeQueue:
    """A review queue in memory, with the verbs of the people in front of it."""

    def __init__(self, schema: LabelSchema) -> None:
        self.schema = schema
        self.tasks: dict[str, ReviewTask] = {}
        self.annotations: dict[str, Annotation] = {}
        self._receipts: dict[str, Receipt] = {}
        self._last_id = 0
        self._ticks = 0

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        for task in tasks:
            if task.task_id not in self.tasks:
                self.tasks[task.task_id] = task
                self._receipts[task.task_id] = Receipt(task.task_id, self._new_id())
        return [self._receipts[task.task_id] for task in tasks]

    def withdraw(self, task_ids: Collection[str]) -> None:
        for task_id in self.open_ids() & frozenset(task_ids):
            del self.tasks[task_id]

    def forget(self, task_ids: Collection[str]) -> None:
        for task_id in self.tasks.keys() & set(task_ids):
            del self.tasks[task_id]
        given = self.annotations.items()
        self.annotations = {i: a for i, a in given if a.task_id not in task_ids}

    def forget_answers(self, annotation_ids: Collection[str]) -> None:
        for annotation_id in self.annotations.keys() & set(annotation_ids):
            del self.annotations[annotation_id]

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        labelled = {a.task_id for a in self.annotations.values() if not a.skipped}
        known = self.tasks.keys() - labelled
        self.tasks |= {task.task_id: task for task in tasks if task.task_id in known}

    def pull(self, cursor: str) -> Pull:
        new = tuple(a for a in self.annotations.values() if a.updated_at > cursor)
        return Pull(new, frozenset(self.annotations), max([cursor, *(a.updated_at for a in new)]))

    def open_ids(self) -> frozenset[str]:
        return frozenset(self.tasks) - {a.task_id for a in self.annotations.values()}

    def next_task(self) -> str:
        return min(self.open_ids(), key=lambda task_id: self.tasks[task_id].priority)

    def answer(
        self,
        task_id: str,
        label: str | None,
        *,
        annotator: str = "ann@example.com",
        seconds: float | None = None,
    ) -> str:
        annotation_id = self._new_id()
        self.annotations[annotation_id] = Annotation(
            annotation_id=annotation_id,
            task_id=task_id,
            annotator=annotator,
            label=label,
            skipped=label is None,
            seconds=seconds,
            suggestion=self.tasks[task_id].suggestion,
            guideline=self.schema.version,
            updated_at=self._now(),
        )
        return annotation_id

    def skip(self, task_id: str) -> str:
        return self.answer(task_id, None)

    def edit(self, annotation_id: str, label: str) -> None:
        before = self.annotations[annotation_id]
        self.annotations[annotation_id] = replace(before, label=label, skipped=False, updated_at=self._now())

    def delete(self, annotation_id: str) -> None:
        del self.annotations[annotation_id]

    def _new_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    def _now(self) -> str:
        self._ticks += 1
        return (BEGINNING + timedelta(seconds=self._ticks)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Said = str | CompletionAnswer
CAN_ALL = Capabilities(schema=True, count_tokens=True, batches=True, models=True)


class ReplayCompleter:
    """A model in memory that answers from a function, with a queue of what goes wrong.

    ``asked`` holds the requests of which the work was done, those of batches too; a `CompletionError` in the
    queue with ``sent`` counts as done, though its answer is lost.
    """

    def __init__(
        self,
        answer: Callable[[CompletionRequest], Said] = lambda request: "{}",
        *,
        seconds: float = 0.0,
        capabilities: Capabilities = CAN_ALL,
    ) -> None:
        self.answer, self.seconds, self.capabilities = answer, seconds, capabilities
        self.limits = RateLimits()
        self.asked: list[CompletionRequest] = []
        self.errors: deque[CompletionError | None] = deque()
        self.batches: dict[str, Batch] = {}
        self._results: dict[str, list[BatchResult]] = {}

    def fail(self, *errors: CompletionError | None) -> None:
        """Queue what goes wrong with the next calls of `send` or `submit`; None is a call that goes well."""
        self.errors.extend(errors)

    async def probe(self, model: str) -> Capabilities:
        return self.capabilities

    async def send(
        self, request: CompletionRequest, leaving: Callable[[], None] | None = None
    ) -> CompletionAnswer:
        if leaving is not None:
            leaving()
        if self.seconds:
            await asyncio.sleep(self.seconds)
        error = self._failing()
        answer = self._answered(request)
        if error is not None:
            raise error
        return answer

    async def count_tokens(self, request: CompletionRequest) -> int:
        return -(-len(request.system + "".join(turn.text for turn in request.turns)) // 4)

    async def submit(self, requests: Sequence[tuple[str, CompletionRequest]]) -> Batch:
        error = self._failing()
        batch = Batch(f"batch_{len(self.batches) + 1}", True, now(), len(requests))
        results = [BatchResult(name, self._answered(request)) for name, request in requests]
        self.batches[batch.batch_id], self._results[batch.batch_id] = batch, results[::-1]
        if error is not None:
            raise error
        return batch

    async def poll(self, batch_id: str) -> Batch:
        return self.batches[batch_id]

    async def results(self, batch_id: str) -> AsyncIterator[BatchResult]:
        for result in self._results[batch_id]:
            yield result

    async def find(self, since: str) -> Sequence[Batch]:
        return [batch for batch in self.batches.values() if batch.created_at >= since]

    async def close(self) -> None:
        pass

    def _failing(self) -> CompletionError | None:
        """Take what goes wrong next: raised at once, or given back where the work is done all the same."""
        error = self.errors.popleft() if self.errors else None
        if error is not None and not error.sent:
            raise error
        return error

    def _answered(self, request: CompletionRequest) -> CompletionAnswer:
        self.asked.append(request)
        said = self.answer(request)
        if isinstance(said, CompletionAnswer):
            return said
        length = len(request.system + "".join(turn.text for turn in request.turns))
        usage = Usage(-(-length // 4), 1 + -(-len(said) // 4))
        return CompletionAnswer(said, "end_turn", usage, request.model, f"req_{len(self.asked)}")
