"""What models that had not seen people's answers said of the answered items."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "model_opinions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_model_opinions"),
    )
