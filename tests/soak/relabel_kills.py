"""Kills `quorum relabel` at random moments, on a real Label Studio: the state ends as if nobody ever had.

Two projects live the same days (rows that come, change and go, functions that are edited, answers that
trickle in); the jobs of one are killed. After each day their states and their queues are the same.

Usage: ``python -m tests.soak.relabel_kills [--times 50] [--seed 0]``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from integrations.label_studio.environment import default_folder
from integrations.label_studio.server import LocalServer
from labeling.app import KEY_VARIABLE
from labeling.store import frames, jobs, releases
from tests.label_studio_people import LabelStudioPeople, sign_up
from tests.projects import FUNCTIONS, digest, gold_of, known, opened, small_rows
from tests.projects import write_python_project as write_project

ROOT = Path(__file__).parents[2]
KILLS_A_DAY = 5
WORDS = ("courier", "lamp", "lost", "bulb")
ANN = "ann@example.com"


def command(config: Path) -> list[str]:
    """Give the command line of a job."""
    return [sys.executable, "-m", "labeling.cli", "relabel", str(config), "--wait", "60", "--json"]


def finish(config: Path) -> dict[str, Any]:
    """Run a job to its end and give its report; a release that is held back is an end, too."""
    done = subprocess.run(command(config), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise AssertionError(f"relabel ended with {done.returncode}: {done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def kill(config: Path, seconds: float) -> bool:
    """Start a job and kill it after a time; tell whether it was still running."""
    process = subprocess.Popen(
        command(config), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    running = process.poll() is None
    process.kill()
    process.wait()
    return running


def said(line: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Days:
    """What happens to both projects, day by day."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.rows = small_rows(200)
        self.day, self.word = 0, WORDS[0]
        self.configs = [folder / name for name in ("killed", "twin")]
        self.paths = [self.write(place, url) for place in self.configs]
        for path in self.paths:
            with opened(path) as project, project.store.write() as tx:
                frames.open_frame(tx, "salt", 0.2)

    def write(self, folder: Path, url: str) -> Path:
        """Write one of the projects as it is today."""
        functions = FUNCTIONS.replace('"courier"', f'"{self.word}"')
        more = f'label_studio: {{url: "{url}"}}'
        path = write_project(folder, self.rows, functions=functions, audit=20, batch=10, more=more)
        path.write_text(path.read_text(encoding="utf-8").replace("project: small", f"project: {folder.name}"))
        return path

    def dawn(self, url: str) -> None:
        """Let rows come, change and go; edit a function every third day."""
        self.day += 1
        made = small_rows(200 + 10 * self.day)[-10:]
        gone = self.random.randrange(len(self.rows))
        edited = self.random.randrange(len(self.rows) - 1)
        self.rows.pop(gone)
        self.rows[edited] = {**self.rows[edited], "text": f"refund of day {self.day}", "label": "BILL"}
        self.rows += made
        if self.day % 3 == 0:
            self.word = WORDS[self.day // 3 % len(WORDS)]
        for folder in self.configs:
            self.write(folder, url)


def answer(path: Path, people: LabelStudioPeople, gold: dict[str, str], day: int) -> None:
    """Answer some of the open tasks, the same in both projects."""
    with opened(path) as project:
        found = known(project)
    waiting = [t for t in found.tasks if t.external_id and t.digest not in found.gold and t.row_id in gold]
    for task in sorted(waiting, key=lambda t: t.task_id)[: 3 + day % 3]:
        people.answer(task.task_id, gold[task.row_id])


def sent_once(people: LabelStudioPeople) -> None:
    """Make sure that Label Studio has each task once."""
    found = people.call("GET", f"/api/tasks?project={people.project}&page_size=10000&include=id,data")[
        "tasks"
    ]
    twice = [name for name, n in Counter(task["data"]["ext_id"] for task in found).items() if n > 1]
    assert not twice, f"sent twice: {twice}"


def project_of(url: str, token: str, name: str, people: LabelStudioPeople) -> int:
    """Give Label Studio's number of a project."""
    found = people.call("GET", "/api/projects?page_size=100")["results"]
    return next(int(p["id"]) for p in found if p["title"] == name)


def main() -> None:
    """Run days until the jobs were killed so many times."""
    # Whoever ends this ends the server with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    environment = Path(os.environ.get("QUORUM_LABEL_STUDIO_ENV") or default_folder())
    with tempfile.TemporaryDirectory() as folder, LocalServer(Path(folder) / "server", environment) as server:
        os.environ[KEY_VARIABLE] = server.token
        run(Path(folder), server, options.times, options.seed)


def run(folder: Path, server: LocalServer, times: int, seed: int) -> None:
    """Live the days; report each."""
    person = sign_up(server.url, server.token, ANN)
    days = Days(folder, server.url, seed)
    begun = time.monotonic()
    for path in days.paths:
        said(f"first job: {finish(path)['seconds']} s")
    seconds = (time.monotonic() - begun) / 2
    people = []
    for path in days.paths:
        desk = LabelStudioPeople(server.url, 0, [person])
        desk.project = project_of(server.url, server.token, path.parent.name, desk)
        people.append(desk)
    killed = 0
    while killed < times:
        since = [last_job(path) for path in days.paths]
        days.dawn(server.url)
        for path, desk in zip(days.paths, people, strict=True):
            answer(path, desk, gold_of(days.rows), days.day)
        struck = sum(kill(days.paths[0], days.random.uniform(0, seconds)) for _ in range(KILLS_A_DAY))
        killed += struck
        for path in days.paths:
            finish(path)
        same(days, people, since)
        said(f"day {days.day}: killed {struck} times, {killed} in all; the states are the same")
    for desk in people:
        desk.close()


def last_job(path: Path) -> int:
    """Give the number of the last job that came to its end."""
    with opened(path) as project, project.store.read() as tx:
        found = jobs.latest(tx)
    return found.number if found else 0


def told_today(path: Path, since: int) -> list[dict[str, Any]]:
    """Give what jobs after a number told of changes: a killed one tells nothing, or was at its end."""
    with opened(path) as project, project.store.read() as tx:
        reports = [job.report for job in jobs.recent(tx, 100) if job.number > since]
    keys = ("changed", "certificate", "flips", "flipped", "gained", "lost")
    return [
        {key: report[key] for key in keys}
        for report in reports
        if report["release"]["written"] or moved(report)
    ]


def moved(report: dict[str, Any]) -> bool:
    """Whether a report tells of any change."""
    changed = report["changed"]
    return any([*changed["rows"].values(), changed["voters"], *changed["answers"].values(), report["flips"]])


def same(days: Days, people: list[LabelStudioPeople], since: list[int]) -> None:
    """Make sure that the day ended alike, and that its changes were told once in either project."""
    states, published = [], []
    for path, desk in zip(days.paths, people, strict=True):
        with opened(path) as project:
            states.append(digest(project))
            with project.store.read() as tx:
                published.append(len(releases.all_releases(tx)))
        sent_once(desk)
    assert published[0] == published[1], f"day {days.day}: releases {published}"
    assert states[0] == states[1], f"day {days.day}: the states differ"
    told = [told_today(path, number) for path, number in zip(days.paths, since, strict=True)]
    assert told[0] == told[1], f"day {days.day}: {told}"
    assert len(told[0]) == 1, f"day {days.day}: told {len(told[0])} times"


if __name__ == "__main__":
    main()
