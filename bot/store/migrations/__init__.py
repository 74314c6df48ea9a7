"""Alembic's scripts: each revision is one step of the schema, forward only."""
