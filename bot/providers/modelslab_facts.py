"""ModelsLab's models and limits as data. Its price is not published: the operator has to say what a picture costs."""

from __future__ import annotations

from typing import Final

from bot.domain.capabilities import ModelFacts, ProviderFacts
from bot.domain.shapes import EXACT_SIZES, SIZES, Model, Ratio, Resolution, Size

NAME: Final = "modelslab"

REFERENCE_LIMIT: Final = 5_000_000
"""Characters of a data URI: `base64_to_url` takes 5 MB (docs.modelslab.com, general-api/base64-to-url)."""

UPLOAD_LIFETIME: Final = 23 * 60 * 60
"""The link of an upload lives 24 hours; the last one is left for the queue."""

OUTPUT_HOSTS: Final = (
    "modelslab.com",
    "modelslab.ai",
    "stablediffusionapi.com",
    "pub-3626123a908346a7a8be8d9295f44e26.r2.dev",
)
"""Where finished pictures lie in the service's own examples and in programs that use it."""

VANISH_GRACE: Final = 30.0
"""Seconds for which an unknown task is asked for again: one server may not know yet what another has accepted."""

LONGEST_REST: Final = 10.0
"""Seconds for which an `eta` is believed before asking again (modelslab-cli: 1 s, doubling to 10 s)."""

_MISSING: Final = {
    (Ratio.SQUARE, Resolution.P720),
    (Ratio.SQUARE, Resolution.P1080),
    (Ratio.CLASSIC, Resolution.P720),
}
"""The printed list of `aspect_ratio` is Runway's without 720:720, 1080:1080, 960:720 and 1168:880."""

MODELSLAB: Final = ProviderFacts(
    name=NAME,
    title="ModelsLab",
    models={
        Model.GEN4_IMAGE: ModelFacts(
            model=Model.GEN4_IMAGE,
            sizes={shape: size for shape, size in SIZES.items() if shape not in _MISSING},
            exact={size: ratio for size, ratio in EXACT_SIZES.items() if size != Size(1168, 880)},
            prices={},
            max_references=0,
            tags=False,
        ),
        Model.GEN4_IMAGE_TURBO: ModelFacts(
            model=Model.GEN4_IMAGE_TURBO,
            sizes=SIZES,
            exact=EXACT_SIZES,
            prices={},
            min_references=2,
            max_references=2,
            tags=False,
            shapeless=True,
        ),
    },
    concurrency=5,
    poll_interval=5.0,
    typical_seconds=30.0,
)
"""Turbo is image-to-image with `init_image` and `init_image_2`, both required (modelslab-py 0.2.3, providers/runway).
Five queued requests: the smallest plan (docs.modelslab.com, rate-limits)."""
