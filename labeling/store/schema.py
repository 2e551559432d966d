"""The tables of the relational state, as the newest migration leaves them.

Times are ISO 8601 strings in UTC with microseconds, so that they sort as text on every database.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

manifest = Table(
    "manifest",
    metadata,
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("path", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("meta", JSON, nullable=False),
)

annotations = Table(
    "annotations",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("annotation_id", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("task_id", String, nullable=False),
    Column("annotator", String, nullable=False),
    Column("label", String),
    Column("skipped", Boolean, nullable=False),
    Column("seconds", Double),
    Column("suggestion", String),
    Column("guideline", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("recorded_at", String, nullable=False),
    UniqueConstraint("annotation_id", "revision"),
    Index(None, "digest"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", String, primary_key=True),
    Column("digest", String, nullable=False, index=True),
    Column("row_id", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("round", Integer, nullable=False),
    Column("priority", Double, nullable=False),
    Column("inclusion", Double),
    Column("suggestion", String),
    Column("confidence", Double),
    Column("external_id", String),
    Column("status", String, nullable=False, index=True),
    Column("why", String),
)

intents = Table(
    "intents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("intended_at", String, nullable=False),
    Column("done_at", String),
    Index(None, "kind", "done_at"),
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("command", String, nullable=False),
    Column("heartbeat", String, nullable=False),
    Column("expires", String, nullable=False),
)

frames = Table(
    "frames",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("salt", String, nullable=False),
    Column("rate", Double, nullable=False),
    Column("opened_at", String, nullable=False),
    Column("retired_at", String),
)

rounds = Table(
    "rounds",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("inputs", String, nullable=False, unique=True),
    Column("scorer", String, nullable=False),
    Column("score_table", String, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("recorded_at", String, nullable=False),
)

tests = Table(
    "tests",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("frame", Integer, ForeignKey(frames.c.number), nullable=False, index=True),
    Column("round_number", Integer, ForeignKey(rounds.c.number), nullable=False),
    Column("scorer", String, nullable=False),
    Column("score_table", String, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("result", JSON, nullable=False),
    Column("void_reason", String),
    Column("recorded_at", String, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("test_number", Integer, ForeignKey(tests.c.number)),
    Column("score_table", String, nullable=False),
    Column("published_at", String, nullable=False),
    Column("identity", String),
    Column("made_of", JSON),
)

promotions = Table(
    "promotions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("release", Integer, ForeignKey(releases.c.number), nullable=False),
    Column("how", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", String),
    Column("set_aside", JSON, nullable=False),
    Column("promoted_at", String, nullable=False),
)

model_opinions = Table(
    "model_opinions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("probabilities", JSON, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("inputs", String, nullable=False),
    Column("status", String, nullable=False),
    Column("release", Integer, ForeignKey(releases.c.number)),
    Column("report", JSON, nullable=False),
    Column("started_at", String, nullable=False),
    Column("ended_at", String, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("forgotten_at", String, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

dev_shares = Table(
    "dev_shares",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("share", Double, nullable=False),
    Column("salt", String),
    Column("rate", Double, nullable=False),
    Column("raised_at", String, nullable=False),
)

voter_versions = Table(
    "voter_versions",
    metadata,
    Column("application", Integer, primary_key=True, autoincrement=False),
    Column("name", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("applied_at", String, nullable=False),
    Index(None, "name", "fingerprint"),
)

llm_batches = Table(
    "llm_batches",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("model", String, nullable=False),
    Column("status", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("batch_id", String),
    Column("intended_at", String, nullable=False),
    Column("submitted_at", String),
    Column("ended_at", String),
)

llm_calls = Table(
    "llm_calls",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("voter", String, nullable=False),
    Column("item", String, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("request", String, nullable=False, index=True),
    Column("model", String, nullable=False),
    Column("batch", Integer, ForeignKey(llm_batches.c.number)),
    Column("status", String, nullable=False),
    Column("worst_cost", Double),
    Column("cost", Double),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cache_write_tokens", Integer),
    Column("cache_read_tokens", Integer),
    Column("stop_reason", String),
    Column("stop_detail", String),
    Column("request_id", String),
    Column("answer", String),
    Column("failure", String),
    Column("intended_at", String, nullable=False),
    Column("settled_at", String),
)

llm_votes = Table(
    "llm_votes",
    metadata,
    Column("voter", String, primary_key=True),
    Column("item", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("label", String),
    Column("confidence", Double),
    Column("evidence", String),
    Column("named", String),
    Column("reader", Integer, nullable=False),
    Column("call", Integer, ForeignKey(llm_calls.c.id), nullable=False),
    sqlite_with_rowid=False,
)
