"""What a provider's models can do and cost, as data: code asks these tables and never a provider's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.money import Money
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size


class Naming(StrEnum):
    """How a model learns which reference an `@tag` of the prompt means."""

    TAGS = "tags"  #: each reference is sent with its tag
    PLACES = "places"  #: no tag can be sent: the prompt names references by their place
    TEXT = "text"  #: no tag can be sent, and the prompt is left as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One model at one provider.

    `sizes` is what each shape becomes there (a missing one is not offered), `exact` the further sizes that may be
    asked for by their pixels, `prices` what one picture costs by resolution. `seeds` is the range taken, `None` when
    a seed cannot be sent. With `shapeless` the shape cannot be sent and the model decides; of the sizes in `ratio_only`
    only the ratio can be, and the model decides on the pixels.
    """

    model: Model
    sizes: Mapping[tuple[Ratio, Resolution], Size]
    exact: Mapping[Size, Ratio]
    prices: Mapping[Resolution, Money]
    min_references: int = 0
    max_references: int = 3
    naming: Naming = Naming.TAGS
    seeds: range | None = None
    shapeless: bool = False
    ratio_only: frozenset[Size] = frozenset()

    def size_of(self, shape: Shape) -> Size | None:
        """The pixels this shape gets here, or `None` when it is not offered."""
        if shape.size is not None:
            return shape.size if shape.size in self.exact else None
        return self.sizes.get((shape.ratio, shape.resolution))

    def resolutions(self) -> frozenset[Resolution]:
        """The resolutions that something is offered in."""
        exact = {Resolution.P1080} if self.exact else set[Resolution]()
        return frozenset(exact | {resolution for _, resolution in self.sizes})

    def price_of(self, shape: Shape) -> Money:
        """What one picture of this shape costs."""
        return self.prices[shape.resolution]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceLimits:
    """What a reference must be like to be taken: its width by its height, and the bytes of its file (`None`: any)."""

    min_aspect: float = 0.5
    max_aspect: float = 2.0
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """One provider: its name in settings and texts, its models, and what it can do beside making pictures.

    `concurrency` tasks may run at once on every account; `poll_interval` is the least time in seconds between two polls
    of one task; `typical_seconds` is how long a picture usually takes while nothing better is known.
    """

    name: str
    title: str
    models: Mapping[Model, ModelFacts]
    concurrency: int
    poll_interval: float
    typical_seconds: float
    cancels: bool = False
    reports_progress: bool = False
    reference_links: bool = False
    """References are taken only as links that anybody on the internet can open."""
    most_at_once: int | None = None
    """The operator's own limit on tasks at once, whatever the account allows."""
    reference_limits: ReferenceLimits | None = None
    """What references are brought into before they are sent; `None` when any picture is taken as it is."""
    submits_per_minute: int | None = None
    """Submissions the account allows in any 60 seconds, where there is such a limit."""
    bills_moderated: bool = False
    """A declined prompt is billed like a picture."""
    history: bool = False
    """Past tasks can be listed, so that a submission of unknown fate can be looked up."""
