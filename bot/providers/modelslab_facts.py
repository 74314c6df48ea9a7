"""ModelsLab's models and limits as data. Its price is not published: the operator has to say what a picture costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.domain.capabilities import ModelFacts, Naming, ProviderFacts, ReferenceLimits
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

LABELS: Final[Mapping[Size, str]] = {
    Size(1920, 1080): "16:9",
    Size(1080, 1920): "9:16",
    Size(1024, 1024): "1:1",
    Size(1360, 768): "85:48",
    Size(1440, 1080): "4:3",
    Size(1080, 1440): "3:4",
    Size(1808, 768): "113:48",
    Size(2112, 912): "88:38",
    Size(1280, 720): "16:9",
    Size(720, 1280): "9:16",
    Size(720, 960): "3:4",
    Size(1680, 720): "7:3",
}
"""The printed list of `aspect_ratio` (docs.modelslab.com, gen4_image), each with the size it stands for: three labels
stand there twice, for both resolutions."""

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
            naming=Naming.PLACES,
        ),
        Model.GEN4_IMAGE_TURBO: ModelFacts(
            model=Model.GEN4_IMAGE_TURBO,
            sizes=SIZES,
            exact=EXACT_SIZES,
            prices={},
            min_references=2,
            max_references=2,
            naming=Naming.PLACES,
            shapeless=True,
        ),
    },
    concurrency=5,
    poll_interval=5.0,
    typical_seconds=30.0,
    reference_limits=ReferenceLimits(max_bytes=(REFERENCE_LIMIT - 100) // 4 * 3),
)
"""Turbo is image-to-image with `init_image` and `init_image_2`, both required (modelslab-py 0.2.3, providers/runway).
Five queued requests: the smallest plan (docs.modelslab.com, rate-limits)."""


def with_labels(facts: ProviderFacts) -> ProviderFacts:
    """The facts for shapes that are sent by their labels: what shares its label with another size is not certain."""
    printed = list(LABELS.values())
    twice = frozenset(size for size, label in LABELS.items() if printed.count(label) > 1)
    plain = replace(facts.models[Model.GEN4_IMAGE], ratio_only=twice)
    return replace(facts, models={**facts.models, Model.GEN4_IMAGE: plain})
