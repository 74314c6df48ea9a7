"""The test that costs money: the cheapest real picture at each service, through the same pipeline as every other."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.arguments import ImagineArguments
from bot.doctor.findings import Finding, doubtful, fine, wrong
from bot.doctor.service_checks import only
from bot.domain.capabilities import ModelFacts, ProviderFacts
from bot.domain.errors import AtelierError, ConfigError
from bot.domain.money import FREE, Money
from bot.domain.shapes import Model, Ratio, Resolution
from bot.providers.http import HttpClient
from bot.provisioning import open_providers
from bot.settings import Settings
from bot.terminal import imagine
from bot.texts import Texts

PROMPT = "a small lighthouse on a rock, soft morning light"

Ask = Callable[[str], str]
"""Shows a question and reads a line; nothing when nobody answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The cheapest picture of one service."""

    provider: str
    price: Money
    model: Model
    ratio: Ratio
    resolution: Resolution
    references: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChecks:
    """Makes a picture at each service that is set up, after naming the price and asking."""

    settings: Settings
    http: HttpClient
    texts: Texts
    folder: Path
    ask: Ask
    agreed: bool

    async def findings(self) -> AsyncGenerator[Finding]:
        """A line for each service, or one when the operator would rather not."""
        trials: list[Trial] = []
        for name in self.settings.providers.active():
            facts = await self._facts(name)
            if facts is None:
                continue
            trial = cheapest(facts)
            if trial is None:
                yield doubtful(name, "not tried: it takes references only as links, which a file here has not")
            else:
                trials.append(trial)
        if not trials:
            return
        if not self.agreed and not self._agrees(trials):
            yield doubtful("live", "not tried; nothing was spent")
            return
        for trial in trials:
            yield await self._tried(trial)

    async def _facts(self, name: str) -> ProviderFacts | None:
        """What the service can do; `None` when it cannot be opened, which the other checks tell."""
        try:
            async with open_providers(only(self.settings, name), self.http) as providers:
                return providers[name].facts
        except ConfigError:
            return None

    def _agrees(self, trials: list[Trial]) -> bool:
        parts = ", ".join(f"{trial.provider} {trial.price}" for trial in trials)
        total = sum((trial.price for trial in trials), FREE)
        question = f"One real picture at each service costs {total} ({parts}). Make them? [y/N] "
        return self.ask(question).strip().casefold() in {"y", "yes"}

    async def _tried(self, trial: Trial) -> Finding:
        said: list[str] = []
        out = self.folder / f"doctor-{trial.provider}.png"
        with tempfile.TemporaryDirectory() as folder:
            arguments = ImagineArguments(
                prompt=PROMPT,
                references=_references(Path(folder), trial.references),
                ratio=trial.ratio,
                resolution=trial.resolution,
                model=trial.model,
                provider=trial.provider,
                out=out,
            )
            try:
                status = await imagine(self.settings, arguments, say=said.append)
            except AtelierError as error:
                return wrong(trial.provider, self._sentence(error))
        last = said[-1] if said else "no picture came"
        return fine(trial.provider, f"a real picture: {last}") if status == 0 else wrong(trial.provider, last)

    def _sentence(self, error: AtelierError) -> str:
        try:
            return self.texts.say(error.key, **{"detail": error.detail, **error.values})
        except KeyError:
            return str(error)


def cheapest(facts: ProviderFacts) -> Trial | None:
    """The cheapest picture that can be made from the command line; at the same price, the one with fewer references."""
    trials = [
        Trial(
            provider=facts.name,
            price=price,
            model=model.model,
            ratio=ratio,
            resolution=resolution,
            references=needed,
        )
        for model in facts.models.values()
        for resolution in Resolution
        if (price := model.prices.get(resolution)) is not None
        if (ratio := _shape(model, resolution)) is not None
        if (needed := _needed(model)) == 0 or not facts.reference_links
    ]
    # What is made first wins among equals: the coarser resolution.
    return min(trials, key=lambda trial: (trial.price, trial.references), default=None)


def _needed(model: ModelFacts) -> int:
    return max(model.min_references, 1 if model.model is Model.GEN4_IMAGE_TURBO else 0)


def _shape(model: ModelFacts, resolution: Resolution) -> Ratio | None:
    return next((ratio for ratio in Ratio if (ratio, resolution) in model.sizes), None)


def _references(folder: Path, count: int) -> tuple[Path, ...]:
    """Plain pictures for models that want one."""
    paths = tuple(folder / f"image{number + 1}.png" for number in range(count))
    for number, path in enumerate(paths):
        path.write_bytes(_plain_png(512, 512, shade=90 + 60 * number))
    return paths


def _plain_png(width: int, height: int, *, shade: int) -> bytes:
    """A picture that fades from top to bottom, written by hand: one colour a row."""
    rows = b"".join(b"\0" + bytes((shade, 128, row * 255 // height)) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
