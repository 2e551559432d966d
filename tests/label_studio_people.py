"""People in front of a real Label Studio: they sign up, and answer through the calls that its page makes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from integrations.label_studio.results import result_of

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Person:
    email: str
    token: str


def api(url: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"Token {token}"}
    return httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)


def sign_up(url: str, admin_token: str, email: str) -> Person:
    """Make an account of its own by invitation, as a person does in the browser."""
    with api(url, admin_token) as admin:
        invite = urlsplit(admin.get("/api/invite").raise_for_status().json()["invite_url"])
    with httpx.Client(base_url=url, timeout=60, trust_env=False, follow_redirects=True) as session:
        path = f"{invite.path}?{invite.query}"
        found = CSRF.search(session.get(path).raise_for_status().text)
        assert found is not None
        form = {"email": email, "password": secrets.token_urlsafe(12), "allow_newsletters": "false"}
        answer = session.post(path, data={**form, "csrfmiddlewaretoken": found[1]}, headers={"Referer": url})
        answer.raise_for_status()
        token = session.get("/api/current-user/token").raise_for_status().json()["token"]
    return Person(email, token)


class LabelStudioPeople:
    """The verbs of people on one project; the first person does what no other is named for."""

    def __init__(self, url: str, project: int, people: list[Person]) -> None:
        self.project = project
        self._clients = {person.email: api(url, person.token) for person in people}
        self._first = people[0].email

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def call(self, method: str, path: str, json: Any = None, *, annotator: str | None = None) -> Any:
        answer = self._clients[annotator or self._first].request(method, path, json=json)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def number(self, task_id: str) -> int:
        """Give Label Studio's id of a task, without the code under test."""
        tasks = self.call("GET", f"/api/tasks?project={self.project}&page_size=1000&include=id,data")["tasks"]
        return next(int(task["id"]) for task in tasks if task["data"].get("ext_id") == task_id)

    def next_page(self) -> Any:
        return self.call("GET", f"/api/projects/{self.project}/next")

    def next_task(self) -> str:
        return str(self.next_page()["data"]["ext_id"])

    def answer(
        self, task_id: str, label: str, *, annotator: str | None = None, seconds: float | None = None
    ) -> str:
        body = {"result": result_of(label), "lead_time": seconds}
        return self.annotate(task_id, body, annotator=annotator)

    def skip(self, task_id: str) -> str:
        # The page posts the pre-label along with a skip.
        return self.annotate(task_id, {"result": result_of("SPAM"), "was_cancelled": True})

    def annotate(self, task_id: str, body: dict[str, Any], *, annotator: str | None = None) -> str:
        path = f"/api/tasks/{self.number(task_id)}/annotations/"
        return str(self.call("POST", path, body, annotator=annotator)["id"])

    def edit(self, annotation_id: str, label: str) -> None:
        body = {"result": result_of(label), "was_cancelled": False}
        self.call("PATCH", f"/api/annotations/{annotation_id}/", body)

    def delete(self, annotation_id: str) -> None:
        self.call("DELETE", f"/api/annotations/{annotation_id}/")
