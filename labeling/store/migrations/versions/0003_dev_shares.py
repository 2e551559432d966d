"""How large the dev split was made, and beside which audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "dev_shares",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("raised_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_dev_shares"),
    )
