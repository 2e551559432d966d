"""What a project's files take, and what of it may go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from labeling.apply.verdicts import KIND as EXAMPLES
from labeling.apply.verdicts import Verdicts
from labeling.pool import project_functions
from labeling.pool.spaces import entries_of_other_spaces
from labeling.project import Project
from labeling.store import ManifestEntry, manifest
from labeling.types import digest_of


@dataclass(frozen=True)
class CurrentVersions:
    """Versions of votes and keys of examples that the present functions have."""

    votes: frozenset[str]
    examples: frozenset[str]

    @classmethod
    def of(cls, project: Project) -> CurrentVersions:
        """Give those of a project.

        Raises
        ------
        InputError
            A file of functions does not run.
        """
        functions, text_field = project_functions(project), project.config.items.text_field
        verdicts = Verdicts(project.store, project.artifacts, text_field)
        versions = frozenset(digest_of(f.fingerprint, text_field) for f in functions)
        return cls(versions, frozenset(map(verdicts.key, functions)))

    def old(self, project: Project, present: Sequence[ManifestEntry]) -> list[ManifestEntry]:
        """List what only earlier versions of functions and features use."""
        found = [entry for entry in present if self._is_old(entry)]
        return found + entries_of_other_spaces(present, project, project.new_space())

    def _is_old(self, entry: ManifestEntry) -> bool:
        if entry.kind == "votes":
            return entry.key.rpartition("/")[2] not in self.votes
        return entry.kind == EXAMPLES and entry.key not in self.examples


@dataclass(frozen=True)
class Use:
    """Bytes that artifacts take.

    Attributes
    ----------
    kinds : mapping of str to int
        By kind, the largest first.
    orphans, orphan_bytes : int
        Files that nothing names, and their bytes: `quorum clean` removes them.
    old_bytes : int
        What `quorum clean --old-versions` would free besides.
    """

    kinds: dict[str, int]
    orphans: int
    orphan_bytes: int
    old_bytes: int

    @property
    def total(self) -> int:
        """All bytes, those of orphans included."""
        return sum(self.kinds.values()) + self.orphan_bytes


def storage_use(project: Project, *, young: float = 0.0) -> Use:
    """Measure what a project's artifacts take.

    Parameters
    ----------
    young : float
        Files that nothing names count as orphans only from this age on, in seconds: a younger one may be
        about to be recorded.

    Raises
    ------
    InputError
        A file of functions does not run.
    """
    with project.store.read() as tx:
        present = manifest.entries(tx)
    size = project.artifacts.size
    kinds: Counter[str] = Counter()
    for path, kind in {entry.path: entry.kind for entry in present}.items():
        kinds[kind] += size(path)
    orphans = [p for p in project.artifacts.garbage(present) if project.artifacts.age(p) >= young]
    entries = CurrentVersions.of(project).old(project, present)
    # Tables of one content are one file, which stays as long as anything else names it.
    gone = {(e.kind, e.key) for e in entries}
    old = {e.path for e in entries} - {e.path for e in present if (e.kind, e.key) not in gone}
    return Use(dict(kinds.most_common()), len(orphans), sum(map(size, orphans)), sum(map(size, old)))
