"""The process that calls Python functions: it loads them from their files and answers for chunks of items."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import mmap
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from labeling.errors import QuorumError
from labeling.lf import LabelingFunction
from labeling.lf.calling import Chunk, ClassCodes, call_all
from labeling.lf.examples import Voter, check_examples
from labeling.lf.loading import file_digest, load_functions
from labeling.lf.messages import Message, read_message, write_message

PR_SET_PDEATHSIG = 1
LINE_SHOWN = 200


def main() -> None:
    """Serve the process that started this one, until it ends or asks nothing more."""
    shared_file, parent = int(sys.argv[1]), int(sys.argv[2])
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = take_pipes()
    printed = Printed()
    sys.stdout = sys.stderr = printed
    with mmap.mmap(shared_file, 0) as shared:
        serve(requests, answers, memoryview(shared).cast("b"), printed)


def end_with(parent: int) -> None:
    """Have the kernel end this process with the one that started it, where it can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep standard input and output for messages: what functions do with their own reaches nobody."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, answers


class Printed(io.TextIOBase):
    """Takes what is printed, and keeps the first line of each function."""

    def __init__(self) -> None:
        self.speaker = ""
        self._said: dict[str, str] = {}

    def write(self, text: str, /) -> int:
        """Take a piece of text."""
        said = self._said.get(self.speaker, "")
        if len(said) < LINE_SHOWN and "\n" not in said.lstrip():
            self._said[self.speaker] = said + text[:LINE_SHOWN]
        return len(text)

    def writable(self) -> bool:
        """Say that text is taken."""
        return True

    def speaks(self, name: str) -> None:
        """Say who prints from now on."""
        self.speaker = name

    def first_lines(self) -> dict[str, str]:
        """Give the first line of each that printed one."""
        lines = {name: said.strip().partition("\n")[0] for name, said in self._said.items()}
        return {name: line for name, line in lines.items() if line}


def serve(requests: BinaryIO, answers: BinaryIO, cells: memoryview, printed: Printed) -> None:
    """Load what the first message names, then answer one chunk, or one check of examples, after the other."""
    first = read_message(requests)
    if first is None:
        return
    try:
        functions = load(first.header)
    except QuorumError as error:
        write_message(answers, Message({"failed": str(error)}))
        return
    codes = [ClassCodes(first.header["class_names"]) for _ in functions]
    limit_memory(first.header["memory"])
    write_message(answers, Message({"ready": True}))
    while (request := read_message(requests)) is not None:
        chosen = request.header["functions"]
        called, names = [functions[j] for j in chosen], [codes[j] for j in chosen]
        if request.header["examples"]:
            answer = answer_examples(called, request.header["text_field"], cells, printed)
        else:
            answer = answer_chunk(called, names, request, cells, printed)
        write_message(answers, Message({**answer, "said": printed.first_lines()}))


def load(setup: Mapping[str, Any]) -> list[Voter]:
    """Load the functions that a message names, in its order.

    Raises
    ------
    QuorumError
        A file is not the one that the other process read.
    """
    found: list[dict[str, Voter]] = []
    for origin in setup["origins"]:
        loaded = load_functions(origin["source"], Path(origin["root"]), origin["class_names"])
        found.append({str(f.name): f for f in loaded})
        edited = [path for path, digest in origin["files"].items() if file_digest(path) != digest]
        if edited:
            raise QuorumError(f"{edited[0]}: was edited while it was applied. Run it again.")
    functions = [found[i][name] for i, name in setup["functions"]]
    if any(isinstance(f, LabelingFunction) and f.batch for f in functions):
        # The time that it takes is not the first call's.
        importlib.import_module("pandas")
    return functions


def limit_memory(headroom: int) -> None:
    """Let this process grow by some bytes and no more, where the system can see to that."""
    if sys.platform != "linux":
        return
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + headroom
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def answer_chunk(
    functions: Sequence[Voter],
    codes: Sequence[ClassCodes],
    request: Message,
    cells: memoryview,
    printed: Printed,
) -> dict[str, Any]:
    """Call functions on the items of a message; codes go to the shared cells."""
    content = pa.ipc.open_stream(request.body).read_all()
    chunk = Chunk(content, request.header["text_field"])
    outcome = call_all(functions, codes, chunk, cells, printed.speaks)
    return {
        "seconds": outcome.seconds,
        "faults": [[row, i, told] for row, (i, told) in outcome.faults.items()],
        "names": [c.names for c in codes],
    }


def answer_examples(
    functions: Sequence[Voter], text_field: str, cells: memoryview, printed: Printed
) -> dict[str, Any]:
    """Check the examples of functions; the cell of each is set when it is done."""
    failures = []
    for j, function in enumerate(functions):
        printed.speaks(str(function.name))
        failures.append([str(failure) for failure in check_examples(function, text_field)])
        cells[j] = 0
    return {"failures": failures}


if __name__ == "__main__":
    main()
