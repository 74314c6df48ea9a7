"""Looking after the database from the command line: bring it up to date, check its sums."""

from __future__ import annotations

from collections.abc import Callable

from bot.settings import Settings
from bot.store.database import Database, lock_sqlite
from bot.store.ledger import Ledger
from bot.store.migrate import upgrade as upgrade_database

Say = Callable[[str], None]


async def upgrade(settings: Settings, *, say: Say) -> int:
    """Apply the missing migrations.

    Raises:
        ConfigError: the database cannot be used, or the running bot holds it.
    """
    with lock_sqlite(settings.database.url):
        applied = await upgrade_database(settings.database.url)
    say(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")
    return 0


async def verify(settings: Settings, *, say: Say) -> int:
    """Replay the ledger; 1 when a sum is wrong.

    Raises:
        ConfigError: the database cannot be used, or the running bot holds it.
    """
    with lock_sqlite(settings.database.url):
        await upgrade_database(settings.database.url)
        async with Database.open(settings.database.url) as database:
            ledger = Ledger()
            wrong = await database.read(ledger.verify)
            totals = await database.read(ledger.totals)
    for kind, (images, amount) in totals.items():
        say(f"{kind:<8} {images:>8} images  {amount!s:>12}")
    for line in wrong:
        say(f"WRONG: {line}")
    say("The ledger does not add up." if wrong else "Every sum of the ledger is right.")
    return 1 if wrong else 0
