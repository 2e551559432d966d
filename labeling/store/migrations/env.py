"""Runs migrations on the connection that ``labeling.store.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from labeling.store.migrate import VERSION_TABLE
from labeling.store.schema import metadata


def run() -> None:
    """Migrate within the transaction that the connection is in already."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=VERSION_TABLE,
    )
    with context.begin_transaction():
        context.run_migrations()


# Alembic loads this file under that name; whoever else imports it (a test collector) must not migrate.
if __name__ == "env_py":
    run()
