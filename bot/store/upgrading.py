"""Upgrading a database's tables, never without a backup of what they were."""

from __future__ import annotations

import logging
import time

from bot.domain.errors import BackupFailed, ConfigError
from bot.store.backup_folder import BackupFolder
from bot.store.backups import back_up
from bot.store.migrate import outdated, upgrade
from bot.store.urls import database_url, sqlite_file

NO_TOOL = "backup.no_tool"

log = logging.getLogger(__name__)


async def upgrade_after_backup(url: str, folder: BackupFolder) -> list[str]:
    """Apply the missing revisions, after a backup when there is something to lose, and name them.

    The caller holds the lock of a SQLite file. PostgreSQL without its tools on this machine is upgraded without one,
    with a warning.

    Raises:
        ConfigError: there could be no backup (`backup.before_upgrade`), or as `upgrade`.
        StorageUnavailable: the database cannot be used now.
    """
    revision = await outdated(url)
    if revision is not None:
        await _back_up(url, folder, revision)
    return await upgrade(url)


async def _back_up(url: str, folder: BackupFolder, revision: str) -> None:
    suffix = ".dump" if sqlite_file(database_url(url)) is None else ".db"
    target = folder.before(revision, time.time(), suffix=suffix)
    try:
        await back_up(url, target)
    except BackupFailed as error:
        if error.key != NO_TOOL:
            raise ConfigError("backup.before_upgrade", detail=error.detail) from error
        log.warning("the tables are upgraded without a backup: pg_dump and pg_restore are not installed here")
        return
    log.info("backed up before the upgrade: %s", target)
    folder.prune()
