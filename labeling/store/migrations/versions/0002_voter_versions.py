"""Which versions of the voters were applied."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "voter_versions",
        sa.Column("application", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("applied_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("application", "name", name="pk_voter_versions"),
    )
    op.create_index("ix_voter_versions_name_fingerprint", "voter_versions", ["name", "fingerprint"])
