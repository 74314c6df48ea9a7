"""What is kept of people and servers, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bot.assembly.people import PeopleParts
from bot.domain.privacy import Promise
from bot.services.departures import Departures
from bot.services.erasing import Erasing
from bot.services.exporting import Exporting
from bot.services.keeping import Keeping
from bot.store.departures import DepartureStore
from bot.store.erasures import ErasureStore
from bot.store.forgetting import ForgettingStore
from bot.store.holdings import HoldingStore

DAY = 86_400.0

SKETCH = "sketch"
"""The painter inside the bot, which tells nobody anything."""


@dataclass(frozen=True, kw_only=True)
class PrivacyParts(PeopleParts):
    """Taking one's data away, having it deleted, and forgetting in time."""

    @cached_property
    def forgotten(self) -> ForgettingStore:
        """What forgetting changes in the tables."""
        return ForgettingStore(self.saved)

    @cached_property
    def promise(self) -> Promise:
        """What people are told of how their data is kept."""
        kept, backups = self.settings.retention, self.settings.backups
        return Promise(
            prompts_days=kept.prompts_days,
            outputs_days=kept.outputs_days,
            left_days=kept.left_days,
            reference_hours=self.settings.references.keep_hours,
            backup_days=0
            if backups.every == 0
            else max(1, backups.daily, 7 * backups.weekly, -(-backups.hourly // 24)),
            services=tuple(name for name in self.settings.providers.active() if name != SKETCH),
            policy_url=self.settings.privacy.policy_url,
            contact=self.settings.privacy.contact,
        )

    @cached_property
    def exporting(self) -> Exporting:
        """Handing out everything of a person."""
        return Exporting(database=self.database, holdings=HoldingStore(), blobs=self.blobs)

    @cached_property
    def erasing(self) -> Erasing:
        """Deleting everything of a person."""
        return Erasing(
            database=self.database,
            erasures=ErasureStore(self.forgotten),
            forgetting=self.forgetting,
            clock=self.clock,
            steps=self.steps,
        )

    @cached_property
    def departures(self) -> Departures:
        """Servers that the bot left."""
        return Departures(
            database=self.database,
            departures=DepartureStore(self.forgotten),
            forgetting=self.forgetting,
            clock=self.clock,
            grace=self.settings.retention.left_days * DAY,
        )

    @cached_property
    def keeping(self) -> Keeping:
        """Forgetting in time."""
        return Keeping(
            database=self.database,
            store=self.forgotten,
            forgetting=self.forgetting,
            erasing=self.erasing,
            departures=self.departures,
            clock=self.clock,
            words=self.settings.retention.prompts_days * DAY,
            pictures=self.settings.retention.outputs_days * DAY,
        )
