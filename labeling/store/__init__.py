"""Relational state: transactions are opened by use cases, functions of these modules never commit."""

from labeling.store import (
    annotations,
    certificates,
    cursors,
    dev_shares,
    erasing,
    forgotten,
    frames,
    intents,
    jobs,
    lease,
    llm_batches,
    llm_calls,
    llm_history,
    llm_votes,
    manifest,
    model_opinions,
    promotions,
    releases,
    rounds,
    tasks,
    voters,
)
from labeling.store.annotations import StoredAnnotation
from labeling.store.certificates import StoredTest
from labeling.store.database import Store, open_store
from labeling.store.dev_shares import DevShare
from labeling.store.digest import state_digest
from labeling.store.frames import AuditFrame
from labeling.store.intents import Intent
from labeling.store.jobs import Job
from labeling.store.lease import Holder, Lease
from labeling.store.llm_batches import BatchCall, BatchStatus, StoredBatch
from labeling.store.llm_calls import CallIntent, CallStatus, Settlement, StoredAnswer
from labeling.store.llm_votes import StoredReadings, StoredVote
from labeling.store.manifest import ManifestEntry
from labeling.store.promotions import Promotion
from labeling.store.releases import Release
from labeling.store.rounds import Round
from labeling.store.tasks import StoredTask, TaskStatus

__all__ = [
    "AuditFrame",
    "BatchCall",
    "BatchStatus",
    "CallIntent",
    "CallStatus",
    "DevShare",
    "Holder",
    "Intent",
    "Job",
    "Lease",
    "ManifestEntry",
    "Promotion",
    "Release",
    "Round",
    "Settlement",
    "Store",
    "StoredAnnotation",
    "StoredAnswer",
    "StoredBatch",
    "StoredReadings",
    "StoredTask",
    "StoredTest",
    "StoredVote",
    "TaskStatus",
    "annotations",
    "certificates",
    "cursors",
    "dev_shares",
    "erasing",
    "forgotten",
    "frames",
    "intents",
    "jobs",
    "lease",
    "llm_batches",
    "llm_calls",
    "llm_history",
    "llm_votes",
    "manifest",
    "model_opinions",
    "open_store",
    "promotions",
    "releases",
    "rounds",
    "state_digest",
    "tasks",
    "voters",
]
