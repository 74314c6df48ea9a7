"""WaveSpeedAI's models, prices and limits as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.capabilities import ModelFacts, Naming, ProviderFacts, ReferenceLimits
from bot.domain.money import Money
from bot.domain.shapes import SIZES, Model, Ratio, Resolution

NAME: Final = "wavespeed"

PATHS: Final[Mapping[Model, str]] = {
    Model.GEN4_IMAGE: "runwayml/gen4-image",
    Model.GEN4_IMAGE_TURBO: "runwayml/gen4-image-turbo",
}
"""A model's path, which is also its name in the history."""

UPLOAD_LIFETIME: Final = 6 * 24 * 60 * 60
"""Uploads are kept for 7 days (wavespeed.ai, docs); the last one is left for the queue."""

OUTPUT_HOSTS: Final = ("wavespeed.ai", "cloudfront.net")
"""Where finished pictures lie in the examples of the documentation (wavespeed.ai, docs-common-api/predictions)."""

VANISH_GRACE: Final = 30.0
"""Seconds for which an unknown task is asked for again: one server may not know yet what another has accepted."""

SEEDS: Final = range(1, 2_147_483_648)
"""`seed`: 1 to 2147483647, absent for a random one (model page)."""

_SIZES: Final = {shape: size for shape, size in SIZES.items() if shape[0] is not Ratio.CINEMA}
"""`aspect_ratio` has five values, none of them 21:9 (model page)."""

SHAPES: Final = {size: shape for shape, size in _SIZES.items()}
"""What is said for a size: no pixels can be sent."""


@dataclass(frozen=True, slots=True)
class AccountLevel:
    """What an account may do: tasks at the same time, and submissions in any minute."""

    concurrency: int
    submits_per_minute: int


LEVELS: Final[Mapping[str, AccountLevel]] = {
    "bronze": AccountLevel(2, 2),
    "silver": AccountLevel(300, 500),
    "gold": AccountLevel(3000, 3000),
    "ultra": AccountLevel(10_000, 5000),
}
"""Every account begins as the first; the others come with what was paid in altogether (docs/account-levels)."""

WAVESPEED: Final = ProviderFacts(
    name=NAME,
    title="WaveSpeedAI",
    models={
        Model.GEN4_IMAGE: ModelFacts(
            model=Model.GEN4_IMAGE,
            sizes=_SIZES,
            exact={},
            prices={Resolution.P720: Money.dollars("0.05"), Resolution.P1080: Money.dollars("0.08")},
            naming=Naming.PLACES,
            seeds=SEEDS,
        ),
        Model.GEN4_IMAGE_TURBO: ModelFacts(
            model=Model.GEN4_IMAGE_TURBO,
            sizes=_SIZES,
            exact={},
            prices={Resolution.P720: Money.dollars("0.03"), Resolution.P1080: Money.dollars("0.03")},
            min_references=1,
            naming=Naming.PLACES,
            seeds=SEEDS,
        ),
    },
    concurrency=LEVELS["bronze"].concurrency,
    poll_interval=2.0,
    typical_seconds=30.0,
    reference_limits=ReferenceLimits(),
    submits_per_minute=LEVELS["bronze"].submits_per_minute,
    history=True,
)
"""Prices: the model pages. Limits: those of the lowest account level; pictures are asked for "every 2 seconds" at the
most (docs/get-result)."""


def at_level(facts: ProviderFacts, name: str) -> ProviderFacts:
    """The facts for an account of this level."""
    level = LEVELS[name]
    return replace(facts, concurrency=level.concurrency, submits_per_minute=level.submits_per_minute)


def leaving_tags(facts: ProviderFacts) -> ProviderFacts:
    """The facts for prompts that are sent with their `@tags` as they are."""
    models = {model: replace(known, naming=Naming.TEXT) for model, known in facts.models.items()}
    return replace(facts, models=models)
