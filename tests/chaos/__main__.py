"""The command line of the fault laboratory."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
from collections.abc import Sequence

from tests.chaos.campaign import Broken, Campaign
from tests.chaos.rounds import HIRED
from tests.chaos.soak import soak
from tests.support.services import SERVICES


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Kill the bot again and again while everything around it fails; see that nothing is lost.",
    )
    parser.add_argument("--seed", type=int, default=None, help="draws the same rounds again (default: a new one)")
    parser.add_argument("--minutes", type=float, default=None, help="how long to go on")
    parser.add_argument("--rounds", type=int, default=None, help="how many rounds to play")
    parser.add_argument("--episode", type=int, default=None, help="play this episode alone, to see a failure again")
    parser.add_argument("--first", type=int, default=1, help="go on from this episode")
    parser.add_argument("--services", nargs="+", choices=list(SERVICES), default=list(HIRED))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--lanes", type=int, default=3, help="laboratories side by side, since most of a round is waiting"
    )
    parser.add_argument("--soak", action="store_true", help="steady traffic and no faults: watch the process's memory")
    parser.add_argument("--per-second", type=float, default=1.0, help="actions of people in a second of a soak")
    options = parser.parse_args(arguments)
    if options.minutes is None and options.rounds is None:
        options.minutes = 60.0 if options.soak else 1.0
    return options


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> int:
    """Play; 1 when a promise was broken."""
    options = parsed()
    # A client that is killed while it connects is what this is about, and no news.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    if options.soak:
        await soak(seed=seed, minutes=options.minutes, per_second=options.per_second, say=say)
        return 0
    campaign = Campaign(seed=seed, database=options.database, say=say, lanes=options.lanes, services=options.services)
    say(f"seed {seed} on {options.database}")
    try:
        if options.episode is not None:
            await campaign.episode(options.episode)
        else:
            await campaign.run(rounds=options.rounds, minutes=options.minutes, first=options.first)
    except Broken as broken:
        say(f"BROKEN: {broken}")
        return 1
    for line in campaign.tally.table():
        say(line)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
