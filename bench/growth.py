"""How `/quota` and the check before a job slow down as the ledger grows, as ratios within the same run.

    python -m bench.growth [--entries 1000 10000 100000]

Each size has a tenth as many people; all entries lie in the present month, half of them are holds. Every server has a
budget by month and the operator a cap, so that everything is looked at that can be. SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bot.domain.job import Delivery, JobState, Place, PlaceKind, Requester, RequestId
from bot.domain.money import Money
from bot.domain.quota import Per, QuotaRule
from bot.domain.request import ImageRequest
from bot.services.callers import Caller
from bot.settings import BudgetSettings
from bot.store.database import Database, Transaction
from bot.store.migrate import upgrade
from bot.store.rows import job_values, request_values
from bot.store.spending import spend
from bot.store.tables import jobs, ledger, requests
from tests.support.house import GUILD, Now, Process, Wall
from tests.support.requests import PRICE, new_request

RUNS = 200
START = 1_700_000_000.0


async def fill(tx: Transaction, entries: int) -> None:
    """The past: delivered pictures of `entries / 10` people, ten minutes apart or less."""
    people, made = max(1, entries // 10), entries // 2
    for start in range(0, made, 500):
        rows: dict[Any, list[dict[str, Any]]] = {requests: [], jobs: [], ledger: []}
        for number in range(start + 1, min(made, start + 500) + 1):
            at = START - 1_000_000 * number / made
            new = new_request(user_id=number % people + 1, guild_id=GUILD, created_at=at, provider="runway")
            done = {"id": number, "answered_at": at, "delivery": Delivery.DELIVERED}
            rows[requests].append(request_values(new) | done)
            ended = {"id": number, "state": JobState.SUCCEEDED, "started_at": at, "ended_at": at + 9}
            rows[jobs].append(job_values(new, RequestId(number), 0) | ended)
            entry = {"job_id": number, "guild_id": GUILD, "user_id": number % people + 1, "source": "window"}
            amounts = {"images": 1, "amount": PRICE.micros, "units": 0, "held_at": at, "at": at}
            whole = entry | amounts | {"subject_kind": "user", "subject_id": 1}
            rows[ledger] += [whole | {"kind": kind} for kind in ("hold", "charge")]
            await spend(tx, guild_id=GUILD, held_at=at, server=PRICE.micros)
        for table, values in rows.items():
            await tx.execute(insert(table), values)
    await tx.execute(text("ANALYZE"))


async def median(work: Callable[[int], Awaitable[Any]]) -> float:
    """Milliseconds of the middle one of many runs."""
    times: list[float] = []
    for number in range(RUNS):
        began = time.perf_counter()
        await work(number)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


async def measured(entries: int) -> tuple[float, float]:
    """What `/quota` and the check before a job take, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/atelier.db"
        await upgrade(url)
        async with Database.open(url) as database:
            await database.write(lambda tx: fill(tx, entries))
            process = Process.of(
                name="bench",
                database=database,
                clock=Now(at=START),
                wall=Wall(),
                folder=Path(folder),
                rule=QuotaRule(amount=1_000_000, queue=1000),
                cap=BudgetSettings(per_month=Decimal(900_000)),
            )
            moderator = Requester(user_id=9, guild_id=GUILD, moderator=True)
            await process.budgets.set(moderator, Money.dollars(900_000), Per.MONTH)
            people = [Requester(user_id=number % (entries // 10) + 1, guild_id=GUILD) for number in range(RUNS)]
            place = Place(kind=PlaceKind.CHANNEL, channel_id=100)
            request = ImageRequest(prompt="a cat", seed=7)
            return (
                await median(lambda n: process.quotas.show(people[n])),
                await median(lambda n: process.submissions.check(request, Caller(requester=people[n], place=place))),
            )


async def main() -> None:
    """Measure every size and print the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, nargs="+", default=[1000, 10_000, 100_000])
    first: tuple[float, float] | None = None
    for entries in parser.parse_args().entries:
        quota, check = await measured(entries)
        first = first or (quota, check)
        sys.stdout.write(
            f"{entries:>8} entries  {entries // 10:>6} people   /quota {quota:6.2f} ms (×{quota / first[0]:.2f})"
            f"   check {check:6.2f} ms (×{check / first[1]:.2f})\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
