"""Runway's models, prices and limits as data."""

from __future__ import annotations

from typing import Final

from bot.domain.capabilities import ModelFacts, ProviderFacts, ReferenceLimits
from bot.domain.money import Money
from bot.domain.request import SEED_MAX
from bot.domain.shapes import EXACT_SIZES, SIZES, Model, Resolution

NAME: Final = "runway"
API_VERSION: Final = "2024-11-06"
"""`X-Runway-Version`, the only one that exists (runwayml 5.24.0, _client.py)."""

DATA_URI_LIMIT: Final = 5 * 1024 * 1024
"""A data URI must be shorter than this, encoded (docs.dev.runwayml.com, assets/inputs)."""

UPLOAD_LIFETIME: Final = 24 * 60 * 60
UPLOAD_MARGIN: Final = 60 * 60
"""An upload can be used for 24 hours (docs.dev.runwayml.com, assets/uploads); the last hour is left for the queue."""

OUTPUT_HOSTS: Final = ("cloudfront.net", "runwayml.com")
"""Where finished pictures lie (docs.dev.runwayml.com, assets/outputs)."""

VANISH_GRACE: Final = 20.0
"""Seconds for which an unknown task is asked for again: one server may not know yet what another has accepted."""

RUNWAY: Final = ProviderFacts(
    name=NAME,
    title="Runway",
    models={
        Model.GEN4_IMAGE: ModelFacts(
            model=Model.GEN4_IMAGE,
            sizes=SIZES,
            exact=EXACT_SIZES,
            prices={Resolution.P720: Money.credits(5), Resolution.P1080: Money.credits(8)},
            seeds=range(SEED_MAX + 1),
        ),
        Model.GEN4_IMAGE_TURBO: ModelFacts(
            model=Model.GEN4_IMAGE_TURBO,
            sizes=SIZES,
            exact=EXACT_SIZES,
            prices={Resolution.P720: Money.credits(2), Resolution.P1080: Money.credits(2)},
            min_references=1,
            seeds=range(SEED_MAX + 1),
        ),
    },
    concurrency=2,
    poll_interval=5.0,
    typical_seconds=30.0,
    reference_limits=ReferenceLimits(),
    cancels=True,
    reports_progress=True,
    bills_moderated=True,
)
"""Prices: docs.dev.runwayml.com, pricing; an update "not more than every five seconds" per task: runwayml 5.24.0."""
