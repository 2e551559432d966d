"""Alembic's folder: one numbered script per change of the schema."""
