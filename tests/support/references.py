"""Saved references in end-to-end tests: keeping them as people do, and looking at what is kept of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from bot.domain.job import RequestRecord
from bot.playground.actors import Interaction, Upload
from bot.settings import Settings
from tests.support.bench import Bench, text_of
from tests.support.studio import closed, only_seen_by_them, records

RED, BLUE = (200, 30, 30), (30, 30, 200)


def plain(colour: tuple[int, int, int], filename: str = "photo.png", side: int = 96) -> Upload:
    """A picture in one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, "PNG")
    return Upload(filename, file.getvalue())


async def reference(
    bench: Bench, what: str, *, by: str = "Mia", channel: str = "studio", **options: Any
) -> Interaction:
    """`/reference …`, as a person types it."""
    return await bench.person(by).slash(channel, f"reference {what}", options)


async def said(bench: Bench, answer: Interaction) -> str:
    """What the answer reads, once it has taken the place of “is thinking”."""
    return await bench.until(lambda: text_of(bench.card(answer)) or None)


async def save(
    bench: Bench, name: str, image: Upload, *, by: str = "Mia", channel: str = "studio", **options: Any
) -> str:
    answer = await reference(bench, "save", by=by, channel=channel, name=name, image=image, **options)
    says = await said(bench, answer)
    only_seen_by_them(bench, answer)
    return says


async def made(bench: Bench, answer: Interaction) -> RequestRecord:
    """The request of an answer, once it is over."""
    assert (await closed(bench, answer)).startswith("**Done")
    return (await records(bench.settings))[-1]


def sha256s(record: RequestRecord) -> list[str | None]:
    return [each.sha256 for each in record.request.references]


def blobs(settings: Settings) -> list[bytes]:
    """Every file of the blob store."""
    folder = Path(settings.storage.url.removeprefix("file:"))
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def is_plain(content: bytes, colour: tuple[int, int, int]) -> bool:
    """Whether it is a picture in this colour."""
    with Image.open(io.BytesIO(content)) as image:
        shown = image.convert("RGB").getpixel((5, 5))
    assert isinstance(shown, tuple)
    return all(abs(a - b) < 12 for a, b in zip(shown, colour, strict=True))


def demote(bench: Bench, name: str) -> None:
    """Take the moderator's role away."""
    world = bench.discord.world
    world.members[bench.person(name).id].role_ids.remove(world.moderator_role_id)


async def listed(bench: Bench, *, by: str = "Mia", **options: Any) -> str:
    return bench.says(await reference(bench, "list", by=by, **options))
