"""How the pictures of one request were made: mostly all alike, but some may have gone to another service part-way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.job import Job
from bot.domain.shapes import Size
from bot.services.ports import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Pictures that were made alike. `places` are theirs among all, counted from 1; no `seeds` when none was sent."""

    provider: str
    size: Size
    notes: tuple[str, ...]
    places: tuple[int, ...]
    seeds: tuple[int, ...]


def of_jobs(jobs: Iterable[Job]) -> list[Making]:
    """As they are planned."""
    return _grouped([(job, job.size) for job in jobs])


def of_pictures(pictures: Iterable[Picture]) -> list[Making]:
    """As they came: a service that chooses the size itself is known by its pictures."""
    return _grouped([(each.job, Size(each.output.width, each.output.height)) for each in pictures])


def _grouped(made: Sequence[tuple[Job, Size]]) -> list[Making]:
    groups: dict[tuple[str, Size, bool, tuple[str, ...]], list[tuple[int, int]]] = {}
    for place, (job, size) in enumerate(made, 1):
        groups.setdefault((job.provider, size, job.seed_sent, job.notes), []).append((place, job.seed))
    return [
        Making(
            provider=provider,
            size=size,
            notes=notes,
            places=tuple(place for place, _ in members),
            seeds=tuple(seed for _, seed in members) if seed_sent else (),
        )
        for (provider, size, seed_sent, notes), members in groups.items()
    ]
