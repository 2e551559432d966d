"""What a job stands on: where all of it is as it was when the last job ended, there is nothing to do."""

from __future__ import annotations

from labeling.libraries import library_versions
from labeling.pool import project_functions
from labeling.pool.prelabels import prelabel_inputs, project_voters
from labeling.pool.stored import locate_items
from labeling.project import Project
from labeling.store import annotations as answers
from labeling.store import certificates, dev_shares, frames, promotions, releases, rounds, tasks
from labeling.types import digest_of


def job_inputs(project: Project) -> str:
    """Digest data, voters, config, answers and the state of the loop, without reading a row.

    Raises
    ------
    InputError
        Of the data or the functions.
    """
    located = locate_items(project)
    functions = [(str(f.name), f.fingerprint) for f in project_functions(project)]
    with project.store.read() as tx:
        champion, current = certificates.champion(tx), promotions.latest(tx)
        turn, release, frame = rounds.latest(tx), releases.latest(tx), frames.current(tx)
        state = [
            answers.count(tx),
            tasks.counts(tx),
            champion.number if champion else None,
            current.number if current else None,
            turn.number if turn else None,
            release.number if release else None,
            [frame.number, frame.rate] if frame else None,
            [share.number for share in dev_shares.all_shares(tx)],
        ]
    asked = project_voters(project, located.public_fields)
    return digest_of(
        located.digest,
        functions,
        prelabel_inputs(project, asked),
        sorted(project.without),
        project.config.model_dump(mode="json"),
        project.learner_digest(),
        library_versions(),
        state,
    )
