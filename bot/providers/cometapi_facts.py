"""CometAPI's models, prices and limits as data."""

from __future__ import annotations

from typing import Final

from bot.domain.capabilities import ModelFacts, ProviderFacts
from bot.domain.money import Money
from bot.domain.request import SEED_MAX
from bot.domain.shapes import EXACT_SIZES, SIZES, Model, Resolution

NAME: Final = "cometapi"
API_VERSION: Final = "2024-11-06"
"""`X-Runway-Version` (apidoc.cometapi.com, official-format/generate-an-image-from-text)."""

OUTPUT_HOSTS: Final = ("cloudfront.net", "runwayml.com", "cometapi.com")
"""Runway's hosts, whose links are passed on, and its own; which ones it uses is not documented."""

VANISH_GRACE: Final = 30.0
"""Seconds for which `task_not_exist` is asked about again: a new task may not be known at once
(apidoc.cometapi.com, official-format/runway-to-get-task-details)."""

LINK_LENGTH: Final = 2048
"""Characters a reference's link may have (docs.dev.runwayml.com, assets/inputs)."""
LINK_MARGIN: Final = 120.0
"""Seconds that a reference's link must stay valid, so that the service still finds the picture behind it."""

_PRICE: Final = Money.dollars("0.32")

COMETAPI: Final = ProviderFacts(
    name=NAME,
    title="CometAPI",
    models={
        Model.GEN4_IMAGE: ModelFacts(
            model=Model.GEN4_IMAGE,
            sizes=SIZES,
            exact=EXACT_SIZES,
            prices={Resolution.P720: _PRICE, Resolution.P1080: _PRICE},
            min_references=1,
            seeds=range(SEED_MAX + 1),
        ),
    },
    concurrency=2,
    poll_interval=5.0,
    typical_seconds=40.0,
    reports_progress=True,
    reference_links=True,
)
"""One price for every size: cometapi.com, models/runway/runwayml-text-to-image. A request without references is
refused there (`reference_images_empty`), and the turbo model is not documented."""
