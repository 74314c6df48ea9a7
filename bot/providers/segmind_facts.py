"""Segmind's sizes, prices and limits as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.domain.capabilities import ModelFacts, ProviderFacts, ReferenceLimits
from bot.domain.money import Money
from bot.domain.shapes import Model, Ratio, Resolution, Size

NAME: Final = "segmind"
LOW_CREDITS: Final = Money.dollars("1.00")
"""Below this the operator is told that the account is about to run out."""

SLUG: Final = "runway-gen4-image"

OUTPUT_HOSTS: Final = ("segmind.com",)
"""Where finished pictures lie (segmind 1.3.0: `images.segmind.com/generations/…`)."""

UPLOAD_LIFETIME: Final = 24 * 60 * 60
"""Seconds for which an upload is used again; its address is "persistent" (segmind 1.3.0, files.py)."""

VANISH_GRACE: Final = 30.0
"""Seconds for which an unknown task is asked for again: a queue may tell of it a little later."""

DIRECT_SECONDS: Final = 180.0
"""Longest wait for a picture that is the answer itself; half a minute is usual (segmind.com, model page)."""

HISTORY_WINDOW: Final = 120.0
"""A submission that is looked up reached the service within so many seconds, or never."""
CLOCK_SKEW: Final = 10.0
"""Seconds that the service's clock may be behind ours."""

_SIZES: Final[Mapping[tuple[Ratio, Resolution], Size]] = {
    (Ratio.WIDE, Resolution.P720): Size(1280, 720),
    (Ratio.WIDE, Resolution.P1080): Size(1920, 1080),
    (Ratio.TALL, Resolution.P720): Size(720, 1280),
    (Ratio.TALL, Resolution.P1080): Size(1080, 1920),
    (Ratio.SQUARE, Resolution.P720): Size(960, 960),
    (Ratio.CLASSIC, Resolution.P720): Size(1104, 832),
    (Ratio.PORTRAIT, Resolution.P720): Size(832, 1104),
    (Ratio.CINEMA, Resolution.P720): Size(1584, 672),
}
"""The eight values of `ratio` (segmind.com, models/runway-gen4-image/api), each for the shape next to it."""

_PRICE: Final = Money.dollars("0.10")

SEGMIND: Final = ProviderFacts(
    name=NAME,
    title="Segmind",
    models={
        Model.GEN4_IMAGE: ModelFacts(
            model=Model.GEN4_IMAGE,
            sizes=_SIZES,
            exact={},
            prices={Resolution.P720: _PRICE, Resolution.P1080: _PRICE},
            min_references=1,
        ),
    },
    concurrency=2,
    poll_interval=3.0,
    typical_seconds=31.0,
    reference_limits=ReferenceLimits(),
    submits_per_minute=5,
    history=True,
)
"""`referenceImages` is required, a seed is not taken, a picture takes about 30.64 s and costs $0.10 (segmind.com, model
page); five requests a minute are what a free account has (docs.segmind.com, api-reference/rate-limits)."""
