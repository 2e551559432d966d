"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "manifest",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_manifest"),
    )
    op.create_table(
        "annotations",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("annotation_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("annotator", sa.String(), nullable=False),
        sa.Column("label", sa.String()),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("suggestion", sa.String()),
        sa.Column("guideline", sa.String(), nullable=False),
        sa.Column("updated_at", sa.String(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_annotations"),
        sa.UniqueConstraint("annotation_id", "revision", name="uq_annotations_annotation_id_revision"),
    )
    op.create_index("ix_annotations_digest", "annotations", ["digest"])
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("inclusion", sa.Double()),
        sa.Column("suggestion", sa.String()),
        sa.Column("confidence", sa.Double()),
        sa.Column("external_id", sa.String()),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_digest", "tasks", ["digest"])
    op.create_index("ix_tasks_status", "tasks", ["status"])
    op.create_table(
        "intents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("intended_at", sa.String(), nullable=False),
        sa.Column("done_at", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intents_kind_done_at", "intents", ["kind", "done_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("heartbeat", sa.String(), nullable=False),
        sa.Column("expires", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "frames",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
        sa.Column("retired_at", sa.String()),
        sa.PrimaryKeyConstraint("number", name="pk_frames"),
    )
    op.create_table(
        "rounds",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inputs", sa.String(), nullable=False),
        sa.Column("scorer", sa.String(), nullable=False),
        sa.Column("score_table", sa.String(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_rounds"),
        sa.UniqueConstraint("inputs", name="uq_rounds_inputs"),
    )
    op.create_table(
        "tests",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("round_number", sa.Integer(), nullable=False),
        sa.Column("scorer", sa.String(), nullable=False),
        sa.Column("score_table", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("void_reason", sa.String()),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_tests"),
        sa.ForeignKeyConstraint(["frame"], ["frames.number"], name="fk_tests_frame"),
        sa.ForeignKeyConstraint(["round_number"], ["rounds.number"], name="fk_tests_round_number"),
    )
    op.create_index("ix_tests_frame", "tests", ["frame"])
    op.create_table(
        "releases",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("test_number", sa.Integer(), nullable=False),
        sa.Column("score_table", sa.String(), nullable=False),
        sa.Column("published_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_releases"),
        sa.ForeignKeyConstraint(["test_number"], ["tests.number"], name="fk_releases_test_number"),
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
    )
