"""A process that admits requests for ever and says each number once it was told that the request is kept."""

from __future__ import annotations

import asyncio
import sys

from bot.store.database import Database
from tests.support.requests import admit, new_request


async def main(url: str) -> None:
    async with Database.open(url) as database:
        while True:
            record = await admit(database, new_request(count=2))
            sys.stdout.write(f"{record.id}\n")
            sys.stdout.flush()


asyncio.run(main(sys.argv[1]))
