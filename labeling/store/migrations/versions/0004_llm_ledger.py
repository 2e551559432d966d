"""What language models were asked, what they answered, and which votes that makes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "llm_batches",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String()),
        sa.Column("intended_at", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.String()),
        sa.Column("ended_at", sa.String()),
        sa.PrimaryKeyConstraint("number", name="pk_llm_batches"),
    )
    op.create_table(
        "llm_calls",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("batch", sa.Integer()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("worst_cost", sa.Double()),
        sa.Column("cost", sa.Double()),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("cache_write_tokens", sa.Integer()),
        sa.Column("cache_read_tokens", sa.Integer()),
        sa.Column("stop_reason", sa.String()),
        sa.Column("stop_detail", sa.String()),
        sa.Column("request_id", sa.String()),
        sa.Column("answer", sa.String()),
        sa.Column("failure", sa.String()),
        sa.Column("intended_at", sa.String(), nullable=False),
        sa.Column("settled_at", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_llm_calls"),
        sa.ForeignKeyConstraint(["batch"], ["llm_batches.number"], name="fk_llm_calls_batch"),
    )
    op.create_index("ix_llm_calls_request", "llm_calls", ["request"])
    op.create_table(
        "llm_votes",
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("label", sa.String()),
        sa.Column("confidence", sa.Double()),
        sa.Column("evidence", sa.String()),
        sa.Column("named", sa.String()),
        sa.Column("reader", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("voter", "item", name="pk_llm_votes"),
        sa.ForeignKeyConstraint(["call"], ["llm_calls.id"], name="fk_llm_votes_call"),
        sqlite_with_rowid=False,
    )
