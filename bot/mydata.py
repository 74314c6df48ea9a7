"""`python -m bot mydata`: what is kept of one person, taken or erased by the operator at their word."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bot.discord_ui.commands.privacy import readme
from bot.domain.errors import InvalidRequest
from bot.services.erasing import Erasing
from bot.services.exporting import Exporting
from bot.services.forgetting import Forgetting
from bot.services.ports import NoSteps
from bot.settings import Settings
from bot.store.blobs import open_blobs
from bot.store.database import lock_sqlite
from bot.store.erasures import ErasureStore
from bot.store.forgetting import ForgettingStore
from bot.store.holdings import HoldingStore
from bot.store.library import LibraryStore
from bot.texts import load_texts
from bot.upkeep import is_free, one_state, up_to_date

Say = Callable[[str], None]
Ask = Callable[[str], str]

NO_LIMIT = 2**63


async def export(settings: Settings, user_id: int, *, to: Path, say: Say) -> int:
    """Write everything that is kept of a person to a new file, also while the bot runs.

    Raises:
        ConfigError: the database cannot be used, or is older than this version.
        BackupFailed: there is none, or the running bot gave no copy.
        InvalidRequest: there is a file of this name.
    """
    is_free(to)
    texts = load_texts()
    async with one_state(settings.database.url) as database:
        exporting = Exporting(database=database, holdings=HoldingStore(), blobs=open_blobs(settings.storage.url))
        with to.open("xb") as file:
            archive = await exporting.export(
                file, user_id, limit=NO_LIMIT, about=lambda missing: readme(texts, user_id, missing)
            )
    say(texts.say("command_line.mydata_exported", path=to, rows=archive.rows, pictures=archive.pictures))
    return 0


async def delete(settings: Settings, user_id: int, *, agreed: bool, say: Say, ask: Ask) -> int:
    """Delete everything that is kept of a person, as `/mydata delete` does.

    Raises:
        ConfigError: the database cannot be used, or is a SQLite file that the running bot has.
        InvalidRequest: some of their pictures are still being made; nothing was deleted.
    """
    texts, library = load_texts(), LibraryStore()
    with lock_sqlite(settings.database.url):
        async with up_to_date(settings.database.url) as database:
            forgetting = Forgetting(
                database=database,
                library=library,
                blobs=open_blobs(settings.storage.url),
                clock=time.time,
                keep=settings.references.keep_hours * 3600.0,
            )
            erasing = Erasing(
                database=database,
                erasures=ErasureStore(ForgettingStore(library)),
                forgetting=forgetting,
                clock=time.time,
                steps=NoSteps(),
            )
            extent = await erasing.extent(user_id)
            if extent.unfinished:
                raise InvalidRequest("command_line.mydata_unfinished", count=extent.unfinished)
            question = texts.say("command_line.mydata_sure", user_id=user_id, requests=extent.requests)
            if not agreed and ask(f"{question} ").strip().casefold() not in {"y", "yes"}:
                say(texts.say("command_line.mydata_kept"))
                return 0
            await erasing.erase(user_id)
    say(texts.say("command_line.mydata_deleted"))
    return 0
