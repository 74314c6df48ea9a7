"""WaveSpeedAI's models, prices and limits as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.domain.capabilities import ModelFacts, ProviderFacts
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

WAVESPEED: Final = ProviderFacts(
    name=NAME,
    title="WaveSpeedAI",
    models={
        Model.GEN4_IMAGE: ModelFacts(
            model=Model.GEN4_IMAGE,
            sizes=_SIZES,
            exact={},
            prices={Resolution.P720: Money.dollars("0.05"), Resolution.P1080: Money.dollars("0.08")},
            tags=False,
            seeds=SEEDS,
        ),
        Model.GEN4_IMAGE_TURBO: ModelFacts(
            model=Model.GEN4_IMAGE_TURBO,
            sizes=_SIZES,
            exact={},
            prices={Resolution.P720: Money.dollars("0.03"), Resolution.P1080: Money.dollars("0.03")},
            min_references=1,
            tags=False,
            seeds=SEEDS,
        ),
    },
    concurrency=2,
    poll_interval=2.0,
    typical_seconds=30.0,
    submits_per_minute=2,
    history=True,
)
"""Prices: the model pages. Two at once and two a minute: the lowest account level (docs/account-levels); pictures are
asked for "every 2 seconds" at the most (docs/get-result)."""
