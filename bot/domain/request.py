"""What a person asks for, as one frozen value, and the changed copies that buttons make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain.errors import InvalidRequest, UnusableImage
from bot.domain.references import Reference
from bot.domain.shapes import Model, Ratio, Resolution, Shape
from bot.domain.text import check_prompt

SEED_MAX = 4_294_967_295
COUNT_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """A prompt, its references and the picture's shape, free of any provider and of Discord.

    `seed` is the seed of the first picture, the n-th has `seed + n` (counting from 0, past the maximum it starts at 0);
    `seed_chosen` tells that a person asked for it, so that it must not be dropped silently.
    """

    prompt: str
    references: tuple[Reference, ...] = ()
    shape: Shape = Shape()
    model: Model = Model.GEN4_IMAGE
    seed: int
    seed_chosen: bool = False
    count: int = 1
    spoiler: bool = False

    def checked(self) -> ImageRequest:
        """The same request with a cleaned prompt.

        Raises:
            InvalidRequest: prompt, seed or count.
        """
        check_seed(self.seed)
        if not 1 <= self.count <= COUNT_MAX:
            raise InvalidRequest("refused.count", limit=COUNT_MAX)
        return replace(self, prompt=check_prompt(self.prompt))

    def check_references(self) -> None:
        """Whether its references, with those that its prompt brings in, are what it can be made with.

        Raises:
            InvalidRequest: turbo without a reference.
            UnusableImage: a picture that was kept is deleted, and there is no link to fetch it again.
        """
        if self.model is Model.GEN4_IMAGE_TURBO and not self.references:
            raise InvalidRequest("refused.turbo_reference")
        for reference in self.references:
            if not reference.ready and not reference.source:
                raise UnusableImage("image.gone", filename=reference.filename)

    def reroll(self, seed: int) -> ImageRequest:
        """The same request with a new, drawn seed."""
        return replace(self, seed=seed, seed_chosen=False)

    def varied(self, seed: int) -> ImageRequest:
        """The same request for as many pictures as there can be, with new seeds from a drawn one on."""
        return replace(self, seed=seed, seed_chosen=False, count=COUNT_MAX)

    def with_ratio(self, ratio: Ratio) -> ImageRequest:
        """Same request and seed, new shape; an exact size gives way to the resolution of its price tier."""
        return replace(self, shape=Shape(ratio=ratio, resolution=self.shape.resolution))

    def at_1080p(self) -> ImageRequest:
        """Same request and seed at the finer resolution."""
        return replace(self, shape=Shape(ratio=self.shape.ratio, resolution=Resolution.P1080))

    def seed_of(self, position: int) -> int:
        """The seed of the picture at `position`, counting from 0."""
        return next_seed(self.seed, position)


def next_seed(seed: int, steps: int = 1) -> int:
    """The seed so many steps on; past the maximum it starts at 0."""
    return (seed + steps) % (SEED_MAX + 1)


def check_seed(seed: int) -> int:
    """The seed itself.

    Raises:
        InvalidRequest: it is outside 0-4294967295.
    """
    if not 0 <= seed <= SEED_MAX:
        raise InvalidRequest("refused.seed", seed=seed, limit=SEED_MAX)
    return seed


def draw_seed(randbelow: Callable[[int], int]) -> int:
    """A seed that every provider with seeds takes: 1-2147483647. `randbelow(n)` draws from 0 to n-1."""
    return 1 + randbelow(2_147_483_647)
