"""What runs and listens on this machine, and how a server of ours is ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request

import psutil

HOST = "127.0.0.1"
STOP_SECONDS = 10.0
# Start times of processes move with the machine's clock.
CLOCK_SECONDS = 5.0


def is_free(port: int) -> bool:
    """Say whether nothing listens on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_healthy(port: int) -> bool:
    """Say whether a Label Studio answers on a port of this machine."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{HOST}:{port}/health", timeout=5) as answer:
            return bool(json.load(answer).get("status") == "UP")
    except (OSError, ValueError, AttributeError):
        return False


def listening(pid: int) -> frozenset[int]:
    """Give the ports that a process listens on."""
    try:
        found = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.Error:
        return frozenset()
    return frozenset(c.laddr.port for c in found if c.status == psutil.CONN_LISTEN)


def stop_group(pid: int) -> None:
    """End a Label Studio with its whole process group: politely, then by force.

    A process that is something else (ids are used again) is left alone.
    """
    try:
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and "label-studio" not in " ".join(process.cmdline()):
            return
        os.killpg(pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        pass
    except (psutil.Error, ProcessLookupError):
        return
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_alive(pid: int, started: float) -> bool:
    """Say whether the process that started at a time (seconds since 1970) still runs; ids are used again."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < CLOCK_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
