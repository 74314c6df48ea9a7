"""Runs revisions on the connection that `bot.store.migrate` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite's schema changes are transactional once the driver leaves beginning and ending to us.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
