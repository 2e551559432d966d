"""The files for schedulers start the command as it is, one at a time, and let it end."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from labeling.cli.commands import main
from tests.conftest import absent

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "configs" / "schedules"
CRON = r"(\S+) (\S+) (\S+) (\S+) (\S+) (\w+) cd /srv/quorum && (.+)"


def check_command(words: list[str]) -> str:
    """Make sure that the command line has such a command with such options; give its name."""
    program, name, config, *options = words
    assert program.endswith(".venv/bin/quorum")
    command = main.commands[name]
    context = command.make_context(name, [config, *options])
    assert (ROOT / str(context.params["config"])).is_file()
    return name


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((FOLDER / name).read_text(encoding="utf-8"))
    return parser


def cron_lines() -> list[re.Match[str]]:
    lines = (FOLDER / "quorum.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line[:1].isdigit()]
    return [match for line in jobs if (match := re.fullmatch(CRON, line))]


def test_cron_starts_commands_that_there_are() -> None:
    found = cron_lines()
    assert [check_command(shlex.split(match[7])) for match in found] == ["relabel", "backup"]
    for match in found:
        minute, hour, day, month, weekday = (match[i] for i in range(1, 6))
        assert 0 <= int(minute) < 60
        assert 0 <= int(hour) < 24
        assert (day, month) == ("*", "*")
        assert weekday in {"*", "0"}
        assert "%" not in match[7]  # cron would make a new line of it


def test_systemd_starts_the_command_once_and_lets_it_end() -> None:
    service, timer = unit("quorum-relabel.service"), unit("quorum-relabel.timer")
    assert check_command(shlex.split(service["Service"]["ExecStart"])) == "relabel"
    assert service["Service"]["Type"] == "oneshot"
    assert int(service["Service"]["TimeoutStopSec"]) >= 10
    assert timer["Timer"]["Persistent"] == "true"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        absent("systemd-analyze is not on this machine")
    for name in ("quorum-relabel.service", "quorum-relabel.timer"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text).replace("User=quorum\n", "")
        (tmp_path / name).write_text(text.replace("/srv/quorum", str(tmp_path)), encoding="utf-8")
    command = ["systemd-analyze", "verify", str(tmp_path / "quorum-relabel.timer")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def cronjob() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(FOLDER / "quorum-cronjob.yaml")
    return loaded


def test_kubernetes_starts_one_at_a_time_and_never_again_by_itself() -> None:
    found = cronjob()
    assert (found["apiVersion"], found["kind"]) == ("batch/v1", "CronJob")
    spec = found["spec"]
    job = spec["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    [container] = pod["containers"]
    assert check_command(container["command"]) == "relabel"
    assert re.fullmatch(r"\d+ \d+ \* \* \*", spec["schedule"])
    assert (spec["concurrencyPolicy"], job["backoffLimit"], pod["restartPolicy"]) == ("Forbid", 0, "Never")
    assert pod["terminationGracePeriodSeconds"] >= 10
    assert pod["securityContext"]["runAsNonRoot"] is True


def test_what_kubernetes_mounts_is_there() -> None:
    pod = cronjob()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    mounted = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_every_schedule_is_documented() -> None:
    page = (ROOT / "docs" / "relabel.md").read_text(encoding="utf-8")
    for path in FOLDER.iterdir():
        assert path.name in page


def test_no_file_holds_a_key() -> None:
    for path in FOLDER.iterdir():
        assert not re.search(r"(?i)(key|token|password)\s*[=:]\s*[\w-]{8,}", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("words", [["x/.venv/bin/quorum", "relabel", "configs/none.yaml"], ["a", "b", "c"]])
def test_a_wrong_command_would_be_seen(words: list[str]) -> None:
    with pytest.raises((AssertionError, KeyError)):
        check_command(words)
