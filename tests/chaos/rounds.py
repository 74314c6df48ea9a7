"""What one round is made of, drawn from its own dice: the same seed, episode and number give the same round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from bot.discord_ui.calls import CALL_LIMIT
from bot.services.ports import STEPS
from tests.chaos.faults import (
    CALLS,
    DISCORD,
    DRIP,
    DRIPPING,
    DRIPS_OF,
    REFUSALS,
    REFUSED,
    TRICKLE,
    Extent,
    PaidFault,
    paid_fault,
)
from tests.support.doomed import PEOPLE
from tests.support.services import SERVICES

HIRED = ("runway", "wavespeed", "segmind")
"""The services in a laboratory: the maker, and two that have a history to look submissions up in."""


LONG = 10.0
"""Seconds: a drip that takes longer is drawn less often."""


class End(StrEnum):
    """How the bot's process ends in a round."""

    AT_STEP = "kill -9 at a named step"
    AT_ANY_STEP = "kill -9 at any step"
    AT_ANY_MOMENT = "kill -9 at any moment"
    ASLEEP = "SIGSTOP past its lease, SIGCONT, kill -9"
    REPLACED = "SIGSTOP, taken over, SIGCONT, kill -9 of both"
    POLITELY = "SIGTERM"


class Meddling(StrEnum):
    """What goes wrong besides."""

    CUT = "gateway cut, may resume"
    FORGOTTEN = "gateway cut, session gone"
    RECONNECT = "gateway asks to reconnect"
    STORE = "database locked or cut off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person does: `way` is imagine, reroll or cancel; `pick` chooses among what there is."""

    way: str
    by: str
    count: int
    reference: bool
    provider: str | None
    pick: float
    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordFault:
    """What Discord does wrong with the next call of a route, or with more of them."""

    method: str
    template: str
    wrong: str
    script: Mapping[str, Any]
    extent: Extent = Extent.CALL

    def __str__(self) -> str:
        more = f" {self.extent}" if self.extent is not Extent.CALL else ""
        return f"Discord {self.wrong} at {self.method} {self.template}{more}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round's script. With `answered` the process meets its end only after people have their answers."""

    episode: int
    number: int
    end: End
    step: str
    nth: int
    moment: float
    answered: bool
    asks: tuple[Ask, ...]
    paid: tuple[tuple[str, PaidFault], ...]
    discord: tuple[DiscordFault, ...]
    meddling: Meddling | None

    def __str__(self) -> str:
        faults = [f"{service} {fault.name}" for service, fault in self.paid]
        faults += map(str, self.discord)
        faults += [self.meddling] if self.meddling else []
        where = {End.AT_STEP: f" {self.step} ({self.nth})", End.AT_ANY_STEP: f" ({self.nth})"}.get(self.end, "")
        asks = ", ".join(ask.way for ask in self.asks)
        return f"{self.episode}.{self.number}: {self.end}{where}; {asks}; {'; '.join(faults) or 'no other fault'}"


def draw(seed: int, episode: int, number: int, *, database: str, services: Sequence[str] = HIRED) -> Round:
    """The round with this number, in a laboratory with these services."""
    dice, more = Random(f"{seed} {episode} {number}"), Random(f"{seed} {episode} {number}, more faults")
    ends = {End.AT_STEP: 45, End.AT_ANY_STEP: 25, End.AT_ANY_MOMENT: 17, End.ASLEEP: 3, End.POLITELY: 6}
    # SQLite has no second process: the file's lock refuses it.
    ends |= {End.REPLACED: 4} if database == "postgresql" else {}
    end = dice.choices(list(ends), list(ends.values()))[0]
    faulty = [dice.choice(services) for _ in range(dice.choice((0, 0, 1, 1, 2)))]
    routes = [dice.choice(CALLS) for _ in range(dice.choice((0, 0, 0, 1, 1, 2)))]
    return Round(
        episode=episode,
        number=number,
        end=end,
        step=dice.choice(STEPS),
        nth=dice.randint(1, 2) if end is End.AT_STEP else dice.randint(1, 30),
        moment=dice.uniform(0.0, 0.5),
        answered=dice.random() < 0.6,
        asks=tuple(_ask(dice, services) for _ in range(dice.randint(1, 4))),
        paid=(*((name, paid_fault(dice, SERVICES[name])) for name in faulty), *_service_drips(more, services)),
        discord=(*(_passing(dice, *route) for route in routes), *_discord_drips(more), *_refusals(more)),
        meddling=dice.choice(list(Meddling)) if dice.random() < 0.1 else None,
    )


def _service_drips(dice: Random, services: Sequence[str]) -> list[tuple[str, PaidFault]]:
    return [(dice.choice(services), dice.choice(DRIPPING))] if dice.random() < 0.2 else []


def _passing(dice: Random, method: str, template: str) -> DiscordFault:
    wrong = dice.choice(list(DISCORD))
    return DiscordFault(method=method, template=template, wrong=wrong, script=DISCORD[wrong])


def _discord_drips(dice: Random) -> list[DiscordFault]:
    """An answer that comes within half a second, or just in time, or too late for who waits for it."""
    if dice.random() >= 0.2:
        return []
    method, template = dice.choice(CALLS)
    limit = DRIPS_OF.get(template, CALL_LIMIT)
    seconds = dice.choice((0.5, 0.8 * limit, 1.2 * limit))
    # What takes half a minute makes the round last as long.
    if seconds > LONG and dice.random() < 0.7:
        seconds = 0.5
    wrong = f"{DRIP if seconds > limit else TRICKLE} of {seconds:.1f} s"
    return [DiscordFault(method=method, template=template, wrong=wrong, script={"drip": seconds})]


def _refusals(dice: Random) -> list[DiscordFault]:
    """One call that is refused for good, or all that post in a place."""
    if dice.random() >= 0.2:
        return []
    wrong = dice.choice(list(REFUSALS))
    extent = dice.choices(list(Extent), (70, 20, 10))[0]
    routes = [dice.choice(REFUSED)] if extent is Extent.CALL else REFUSED[:2]
    return [
        DiscordFault(method=method, template=template, wrong=wrong, script=REFUSALS[wrong], extent=extent)
        for method, template in routes
    ]


def _ask(dice: Random, services: Sequence[str]) -> Ask:
    way = dice.choices(("imagine", "reroll", "cancel"), (75, 20, 5))[0]
    return Ask(
        way=way,
        by=dice.choice(PEOPLE),
        count=dice.choice((1, 1, 2)),
        reference=dice.random() < 0.4,
        provider=dice.choice((None, None, *services[:2])),
        pick=dice.random(),
        delay=dice.choice((0.0, 0.0, 0.05, 0.15)),
    )
