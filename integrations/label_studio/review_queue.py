"""The review queue on Label Studio: one project, a task per item, an annotation per answer."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from label_studio_sdk.core.api_error import ApiError

from integrations.label_studio.client import (
    ANSWERED,
    PAGE,
    RETRY_READS,
    UNANSWERED,
    UNLABELLED,
    WITHOUT_DRAFT,
    all_of,
    condition,
    connect,
    errors_of,
    list_tasks,
    page_of_tasks,
)
from integrations.label_studio.interface import ID, data_keys, interface
from integrations.label_studio.project import find_or_create
from integrations.label_studio.results import annotation_of, in_utc, instant
from integrations.label_studio.sent import data_of, marks_differ, prediction
from labeling.errors import Unavailable
from labeling.types import Annotation, LabelSchema, Pull, Receipt, ReviewTask

# A request's address may hold 64 kB; an id of ours has about 40 characters.
IDS_PER_REQUEST = 500
# How long an answer may take from its time stamp until others can see it.
OVERLAP = timedelta(seconds=60)
FIRST_VERSION = "quorum"
# The list of a task's annotation ids is cut at this length.
IDS_CUT_AT = 500
NOT_FOUND = 404

T = TypeVar("T")


class LabelStudioQueue:
    """A ``labeling.types.ReviewQueue`` on one Label Studio project, which is found or made.

    The order of the queue is the score of each task's prediction, lowest first; a prediction without a
    result gives a task its place and shows nothing. Only predictions of the project's model version count.

    Parameters
    ----------
    url : str
        Address of the server.
    api_key : str
        A token of it; every answer of this queue's own calls counts as this user's.
    schema : LabelSchema
        Classes and guideline; a changed one is sent to the project.
    project : str
        Our name of the project, by which a later run finds it.
    text_field : str
        The field of a task that is shown as the text.
    fields : sequence of str
        Further fields to show; all others of a task stay here.
    title : str, optional
        What people see in the list of projects; default ``project``.
    page : str, optional
        A labelling interface as XML that ``own_interface`` found right; default one made from the schema.

    Attributes
    ----------
    news : str
        What people were just told of a change of the instructions; empty without one.

    Raises
    ------
    InputError
        Wrong address or key, or Label Studio refuses the schema.
    Unavailable
        The server cannot be reached.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        schema: LabelSchema,
        *,
        project: str,
        text_field: str = "text",
        fields: Sequence[str] = (),
        title: str | None = None,
        page: str | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.schema = schema
        self._text_field = text_field
        self._keys = data_keys([name for name in fields if name != text_field])
        self._client, self._http = connect(self.url, api_key)
        self._people: Mapping[int, str] = {}
        self._present: tuple[object, frozenset[str]] | None = None
        try:
            with errors_of(self.url):
                page = page or interface(schema, tuple(self._keys))
                ours = find_or_create(self._client, project, title or project, schema, page)
        except BaseException:
            self.close()
            raise
        self.project_id, self.news, self._guidelines = ours.id, ours.news, ours.guidelines

    def close(self) -> None:
        """Close the connections; the queue is of no use afterwards."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def project_url(self) -> str:
        """Address of the project's page, where people press *Label All Tasks*.

        There is no shorter way: opened by address, the stream of tasks ignores the order of the queue.
        """
        return f"{self.url}/projects/{self.project_id}/data"

    def push(self, tasks: Sequence[ReviewTask]) -> Sequence[Receipt]:
        """Send tasks that are not there yet; give the receipts of all, in order."""
        with self._errors():
            by_id = {task.task_id: task for task in tasks}
            known = self._find(by_id)
            fresh = [task for task_id, task in by_id.items() if task_id not in known]
            if fresh:
                known |= self._import(fresh)
        return [Receipt(task.task_id, str(known[task.task_id])) for task in tasks]

    def withdraw(self, task_ids: Collection[str]) -> None:
        """Delete tasks that nobody has answered, skipped or begun."""
        with self._errors():
            for ids in chunks(sorted(task_ids), IDS_PER_REQUEST):
                # The conditions are checked again where it is deleted: an answer given meanwhile is kept.
                self._delete(self._find(ids, UNANSWERED, WITHOUT_DRAFT).values(), UNANSWERED, WITHOUT_DRAFT)

    def forget(self, task_ids: Collection[str]) -> None:
        """Delete tasks with their annotations, drafts and predictions."""
        with self._errors():
            for ids in chunks(sorted(task_ids), IDS_PER_REQUEST):
                self._delete(self._find(ids).values())

    def forget_answers(self, annotation_ids: Collection[str]) -> None:
        """Delete annotations."""
        with self._errors():
            for annotation_id in sorted(annotation_ids):
                try:
                    self._client.annotations.delete(id=int(annotation_id))
                except ApiError as error:
                    if error.status_code != NOT_FOUND:
                        raise

    def reprioritise(self, version: str, tasks: Sequence[ReviewTask]) -> None:
        """Give open tasks new priorities and suggestions, which all appear at once.

        Predictions of earlier versions stay: they say what was shown to those who answered then.
        """
        with self._errors():
            held = self._held((task.task_id for task in tasks), UNLABELLED)
            present = [task for task in tasks if task.task_id in held]
            # Unlike any before: a try that broke off must not leave a second prediction on a task.
            name = f"{version}.{uuid.uuid4().hex[:8]}"
            predictions = [{"task": held[task.task_id].id, **prediction(task, name)} for task in present]
            if not predictions:
                return
            self._renew_marks(present, held)
            answer = self._client.projects.import_predictions(self.project_id, request=predictions)
            if answer.created != len(predictions):
                raise Unavailable(
                    f"{self.url}: project {self.project_id} took {answer.created} of {len(predictions)} new "
                    "priorities. The old order stays; run again."
                )
            self._client.projects.update(self.project_id, model_version=name)

    def pull(self, cursor: str) -> Pull:
        """Give answers that are new or changed since ``cursor``, some of the last minute before it again."""
        with self._errors():
            newest = self._newest()
            if newest is None:
                return Pull((), frozenset(), cursor)
            present = self._all_annotation_ids(newest)
            annotations = tuple(self._annotations_since(cursor))
        ids = frozenset(annotation.annotation_id for annotation in annotations)
        return Pull(annotations, present | ids, in_utc(newest))

    def open_ids(self) -> frozenset[str]:
        """Give the task ids that nobody has answered or skipped."""
        with self._errors():
            return frozenset(self._ids(UNANSWERED))

    def _errors(self) -> Any:
        return errors_of(self.url, self.project_id)

    def _find(self, task_ids: Iterable[str], *conditions: dict[str, Any]) -> dict[str, int]:
        """Give Label Studio's id by ours, of the tasks among ``task_ids`` that meet the conditions."""
        return {ours: task.id for ours, task in self._held(task_ids, *conditions).items()}

    def _held(self, task_ids: Iterable[str], *conditions: dict[str, Any]) -> dict[str, Any]:
        """Give what Label Studio holds of such tasks, by our ids."""
        found: dict[str, Any] = {}
        for ids in chunks(list(task_ids), IDS_PER_REQUEST):
            wanted = condition(f"data.{ID}", "in_list", "String", ids)
            found |= self._listed("id,meta,data", wanted, *conditions)
        return found

    def _ids(self, *conditions: dict[str, Any]) -> dict[str, int]:
        return {ours: task.id for ours, task in self._listed("id,meta", *conditions).items()}

    def _listed(self, include: str, *conditions: dict[str, Any]) -> dict[str, Any]:
        found = list_tasks(self._client, self.project_id, *conditions, include=include)
        # The first of two wins, always the same one.
        return {meta[ID]: task for task, meta in reversed([(t, meta_of(t)) for t in found]) if ID in meta}

    def _import(self, tasks: Sequence[ReviewTask]) -> dict[str, int]:
        current = self._client.projects.get(self.project_id, request_options=RETRY_READS).model_version
        version = current or FIRST_VERSION
        sent: dict[str, int] = {}
        for chunk in chunks(tasks, PAGE):
            request = [self._task(task, version) for task in chunk]
            ids = self._client.projects.import_tasks(
                self.project_id, request=request, return_task_ids=True
            ).task_ids
            sent |= dict(zip((task.task_id for task in chunk), ids, strict=True))
        if not current:
            self._client.projects.update(self.project_id, model_version=version)
        return sent

    def _task(self, task: ReviewTask, version: str) -> dict[str, Any]:
        """Give a task as it is imported; nothing in it tells its lane."""
        return {
            "data": data_of(task, self._text_field, self._keys),
            "meta": {ID: task.task_id, "guideline": self.schema.version},
            "predictions": [prediction(task, version)],
        }

    def _renew_marks(self, tasks: Sequence[ReviewTask], held: Mapping[str, Any]) -> None:
        """Bring up to date what is said beside texts; one at a time, for there is no call for many."""
        for task in tasks:
            wanted, present = data_of(task, self._text_field, self._keys), held[task.task_id]
            if marks_differ(present.data, wanted):
                self._client.tasks.update(id=str(present.id), data=wanted)

    def _delete(self, ids: Collection[int], *conditions: dict[str, Any]) -> None:
        if ids:
            self._client.actions.create(
                id="delete_tasks",
                project=self.project_id,
                filters=all_of(*conditions),
                selected_items={"all": False, "included": list(ids)},
            )

    def _newest(self) -> datetime | None:
        page = page_of_tasks(
            self._client, self.project_id, include="id,updated_at", order="-tasks:updated_at", size=1
        )
        return instant(page.items[0].updated_at) if page.items else None

    def _annotations_since(self, cursor: str) -> Iterator[Annotation]:
        conditions = [ANSWERED]
        if cursor:
            since = in_utc(instant(cursor) - OVERLAP)
            conditions.append(condition("updated_at", "greater", "Datetime", since))
        for task in list_tasks(self._client, self.project_id, *conditions):
            meta = meta_of(task)
            if ID in meta:
                answers = list(self._answers(task, meta))
                self._ask_another(task, answers)
                yield from answers

    def _ask_another(self, task: Any, answers: Sequence[Annotation]) -> None:
        """Offer a task of which was only said that no class fits to people who have not answered it."""
        given = [a.label for a in answers if not a.skipped]
        if task.is_labeled and given and set(given) == {self.schema.unclear}:
            self._client.tasks.update(id=str(task.id), overlap=len(given) + 1, is_labeled=False)

    def _answers(self, task: Any, meta: Mapping[str, Any]) -> Iterator[Annotation]:
        predictions = [p.model_dump() for p in task.predictions or ()]
        for raw in task.annotations or ():
            people = self._people_with(raw.get("completed_by"))
            yield annotation_of(raw, meta, predictions, people, self.schema, self._guidelines)

    def _people_with(self, user: object) -> Mapping[int, str]:
        if user not in self._people:
            try:
                users = self._client.users.list(request_options=RETRY_READS)
            except ApiError:
                # Some servers show the list to administrators only.
                return self._people
            self._people = {person.id: person.email for person in users if person.email}
        return self._people

    def _all_annotation_ids(self, newest: datetime) -> frozenset[str]:
        """Give the ids of all annotations; read again only where something happened (0.7 s per 1,000)."""
        state = (newest, self._counts())
        if self._present is None or self._present[0] != state:
            self._present = (state, frozenset(self._read_annotation_ids()))
        return self._present[1]

    def _counts(self) -> tuple[object, ...]:
        project = self._client.projects.get(self.project_id, request_options=RETRY_READS)
        return project.task_number, project.total_annotations_number, project.skipped_annotations_number

    def _read_annotation_ids(self) -> Iterator[str]:
        for task in list_tasks(self._client, self.project_id, ANSWERED, include="id,meta,annotations_ids"):
            if ID not in meta_of(task):
                continue
            if len(task.annotations_ids) < IDS_CUT_AT:
                yield from task.annotations_ids.replace(" ", "").split(",")
            else:
                whole = condition("id", "equal", "Number", task.id)
                page = page_of_tasks(self._client, self.project_id, whole)
                yield from (str(raw["id"]) for found in page.items for raw in found.annotations)


def meta_of(task: Any) -> Mapping[str, Any]:
    """Give a task's meta data; those of foreign tasks hold no id of ours."""
    return task.meta if isinstance(task.meta, dict) else {}


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces of at most ``size``."""
    return (values[start : start + size] for start in range(0, len(values), size))
