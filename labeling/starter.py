"""The files that a new labelling project starts from."""

from __future__ import annotations

import re
from pathlib import Path

from labeling.errors import InputError

CONFIG = """\
# A labelling project. `quorum votes`, `quorum run` and `quorum up` read this file.
project: {name}
items: {{path: data/{name}.csv, id: id, text: text}}
labels:
  - {{name: HAM, definition: A comment on the matter, examples: ["love this song"]}}
  - {{name: SPAM, definition: Advertises something else, examples: ["check out my channel"]}}
voters:
  - functions: lfs/{module}.py
# gold: {{column: label, use: score}}     # known labels; score: reports only, seed: the loop learns them
# routing: {{alpha: 0.05, delta: 0.05, audit: 400}}
"""

FUNCTIONS = '''\
"""Labelling functions of {name}: each votes for a class or abstains."""

from lfs import Item, keyword, labeling_function, regex

names_a_channel = keyword("channel", "subscribe", label="SPAM")

links = regex(r"https?://\\w", label="SPAM", examples=[("see http://example.org", "SPAM"), ("nice", None)])


@labeling_function(examples=[("click here", "SPAM"), ("It clicks", None)])
def asks_to_click(item: Item) -> str | None:
    """Advertisements ask for a click; whatever builders cannot say is said in Python."""
    return "SPAM" if "click" in item.text.lower().split() else None


likes_it = keyword("love", "song", "drummer", label="HAM")
'''

ROWS = """\
id,text
1,love this song
2,check out my channel http://example.org
3,my favourite song of all times
4,click here to win
5,who is here in 2026?
6,subscribe to my channel please
7,the drummer is the best part
8,I love how the song ends
"""


def start_project(name: str, folder: Path) -> list[Path]:
    """Write a config, functions and data to start from.

    Parameters
    ----------
    name : str
        Letters, digits, ``-`` and ``_``.
    folder : Path
        Gets ``configs/``, ``lfs/`` and ``data/``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        The name does not serve, or a file is there already; then nothing is written.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise InputError(f"{name!r}: a project is named with letters, digits, - and _, a letter first.")
    module = name.replace("-", "_")
    files = {
        folder / "configs" / f"{name}.yaml": CONFIG.format(name=name, module=module),
        folder / "lfs" / f"{module}.py": FUNCTIONS.format(name=name),
        folder / "data" / f"{name}.csv": ROWS,
    }
    there = [path for path in files if path.exists()]
    if there:
        raise InputError(*(f"{path}: is there already. Choose another name or remove it." for path in there))
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)
