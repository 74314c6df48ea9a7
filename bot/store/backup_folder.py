"""The folder of backups: what its files are called, which are the bot's to delete, and when the next one is due."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import StorageUnavailable
from bot.domain.retention import Retention

_NAME = re.compile(r"atelier-(?P<at>\d{8}T\d{6}Z)(?P<why>-\w+-before-upgrade|-asked(?:-\d+)?)?\.(?:db|dump)", re.ASCII)
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup: when it was made (UTC epoch seconds), and by whom."""

    path: Path
    at: float
    scheduled: bool
    before_upgrade: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFolder:
    """Names and counts backups. What an operator asked for, or put there, is never deleted."""

    root: Path
    retention: Retention
    upgrades: int

    def scheduled(self, at: float) -> Path:
        """The file of an automatic backup."""
        return self.root / f"atelier-{_stamp(at)}.db"

    def before(self, revision: str, at: float, *, suffix: str) -> Path:
        """The file of a backup of a database at a revision that is about to be left."""
        return self.root / f"atelier-{_stamp(at)}-{revision}-before-upgrade{suffix}"

    def asked(self, at: float, *, suffix: str) -> Path:
        """The file of a backup that an operator asks for."""
        path = self.root / f"atelier-{_stamp(at)}-asked{suffix}"
        number = 2
        while path.exists():
            path = self.root / f"atelier-{_stamp(at)}-asked-{number}{suffix}"
            number += 1
        return path

    def all(self) -> list[Backup]:
        """Every backup in the folder, newest first."""
        return sorted(self._found(), key=lambda each: each.at, reverse=True)

    def newest_scheduled(self) -> float | None:
        """When the last automatic backup was made."""
        return next((each.at for each in self.all() if each.scheduled), None)

    def prune(self) -> list[Path]:
        """Delete automatic backups that are not worth their room; what was deleted.

        Raises:
            StorageUnavailable: a file could not be deleted.
        """
        backups = self.all()
        kept = self.retention.kept(each.at for each in backups if each.scheduled)
        gone = [each for each in backups if each.scheduled and each.at not in kept]
        gone += [each for each in backups if each.before_upgrade][self.upgrades :]
        try:
            for each in gone:
                each.path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable(detail=f"{error.filename}: {error.strerror}") from error
        return [each.path for each in gone]

    def _found(self) -> Iterator[Backup]:
        for path in self.root.glob("atelier-*"):
            if match := _NAME.fullmatch(path.name):
                at = datetime.strptime(match["at"], _TIME).replace(tzinfo=UTC).timestamp()
                why = match["why"] or ""
                yield Backup(path=path, at=at, scheduled=not why, before_upgrade=why.endswith("upgrade"))


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(_TIME)
