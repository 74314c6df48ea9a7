"""What a server decides for itself; an absent row means these defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.budget import Budget
from bot.domain.money import Money
from bot.domain.quota import Per
from bot.domain.shapes import Model, Ratio, Resolution


class ThreadMode(StrEnum):
    """Where results of requests made in a channel go."""

    THREAD = "thread"  #: a thread of their own below the card
    CHANNEL = "channel"  #: into the channel itself


class Pressers(StrEnum):
    """Who may press the buttons of a result, at their own expense."""

    EVERYONE = "everyone"
    REQUESTER = "requester"


class Spoilers(StrEnum):
    """Which pictures are covered until somebody clicks on them."""

    AS_ASKED = "as_asked"  #: those whose requester wanted it
    ALWAYS = "always"
    OUTSIDE_AGE_RESTRICTED = "outside_age_restricted"  #: all in channels that everybody may see


class AgeRestricted(StrEnum):
    """Whether pictures are made in age-restricted channels."""

    TOO = "too"  #: there as anywhere else
    ONLY = "only"
    NEVER = "never"


class Moderation(StrEnum):
    """How strict the image service is about recognisable public figures, where it lets itself be told."""

    AUTO = "auto"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """A server's choices. `return_moderated` gives quota back even when the provider billed a declined prompt.

    `provider_order` comes before the operator's; `providers_off` are not used for this server. With `channels_allowed`
    pictures are made there only, never in `channels_denied`; `words` are not accepted in prompts. `timezone` is a
    name of the IANA database. `log_channel` is told of changes, and with `log_results` of every result.
    Pictures with `gallery_votes` votes, and moderators' favourites, are shown in `gallery_channel`.
    `ratio`, `resolution` and `model` hold where a request says nothing; without `moderation` the operator's holds.
    Budgets are in micro-dollars. While `paused`, nobody's requests are accepted.
    """

    thread_mode: ThreadMode = ThreadMode.THREAD
    pressers: Pressers = Pressers.EVERYONE
    return_moderated: bool = False
    provider_order: tuple[str, ...] = ()
    providers_off: tuple[str, ...] = ()
    channels_allowed: tuple[int, ...] = ()
    channels_denied: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    timezone: str = "UTC"
    log_channel: int | None = None
    log_results: bool = True
    gallery_channel: int | None = None
    gallery_votes: int = 3
    leaderboard: bool = True
    ratio: Ratio = Ratio.WIDE
    resolution: Resolution = Resolution.P720
    model: Model = Model.GEN4_IMAGE
    spoilers: Spoilers = Spoilers.AS_ASKED
    age_restricted: AgeRestricted = AgeRestricted.TOO
    moderation: Moderation | None = None
    budget_day: int | None = None
    budget_month: int | None = None
    paused: bool = False
    pause_reason: str = ""

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The budgets in force."""
        amounts = ((Per.DAY, self.budget_day), (Per.MONTH, self.budget_month))
        return tuple(Budget(amount=Money(micros), per=per) for per, micros in amounts if micros is not None)
