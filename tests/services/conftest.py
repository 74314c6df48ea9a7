"""Services that are tested on a store find the same databases as the store's own tests."""

from tests.store.conftest import database, database_url, migrated_sqlite, postgres, sqlite_url

__all__ = ["database", "database_url", "migrated_sqlite", "postgres", "sqlite_url"]
