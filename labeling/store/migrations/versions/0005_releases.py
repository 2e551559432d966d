"""What releases are made of, the log of who made which current, what jobs did, and what was forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("releases") as releases:
        releases.alter_column("test_number", existing_type=sa.Integer(), nullable=True)
        releases.add_column(sa.Column("identity", sa.String(), nullable=True))
        releases.add_column(sa.Column("made_of", sa.JSON(), nullable=True))
    op.create_table(
        "promotions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("promoted_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_promotions"),
        sa.ForeignKeyConstraint(["release"], ["releases.number"], name="fk_promotions_release"),
    )
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inputs", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("ended_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
        sa.ForeignKeyConstraint(["release"], ["releases.number"], name="fk_jobs_release"),
    )
    op.create_table(
        "forgotten",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("forgotten_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_forgotten"),
    )
