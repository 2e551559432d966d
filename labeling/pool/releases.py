"""What is released: the labels that the certificate in force accepts, frozen when it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from labeling.project import Project
from labeling.store import certificates, manifest

KIND = "accepted"


@dataclass(frozen=True)
class Released:
    """The labels in force.

    Attributes
    ----------
    certificate : int or None
        Number of the certificate; None where none holds.
    labels : mapping of content digest to class name
        Accepted by machine under it.
    covered : frozenset of str
        Contents of the score table that it covers.
    told : mapping or None
        The certificate as it is shown: without the answers that it rests on.
    """

    certificate: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    covered: frozenset[str] = field(default_factory=frozenset, repr=False)
    told: dict[str, Any] | None = field(default=None, repr=False)


def read_released(project: Project, tx: sa.Connection) -> Released:
    """Read what the certificate in force accepts."""
    champion = certificates.champion(tx)
    if champion is None:
        return Released()
    accepted = manifest.find(tx, KIND, str(champion.number))
    scores = manifest.find(tx, "scores", champion.scorer)
    if accepted is None or scores is None:
        raise RuntimeError(f"certificate {champion.number} has lost its tables")
    table = project.artifacts.read(accepted)
    labels = dict(zip(table["digest"].to_pylist(), table["label"].to_pylist(), strict=True))
    covered = frozenset(project.artifacts.read(scores)["digest"].to_pylist())
    told = {key: value for key, value in champion.result.items() if key != "answers"}
    return Released(champion.number, labels, covered, told)
