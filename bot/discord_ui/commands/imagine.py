"""`/imagine`: options and prompt flags become one image request."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.desk import Desk
from bot.domain.errors import InvalidRequest
from bot.domain.flags import Flags, read_flags
from bot.domain.references import Upload, check_upload, tag_uploads
from bot.domain.request import ImageRequest
from bot.domain.shapes import ALL_SIZES, Model, Ratio, Resolution, Shape, Size
from bot.services.submissions import Submissions

MOST_CHOICES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was chosen beside the prompt; `None` where nothing was."""

    ratio: str | None = None
    size: str | None = None
    resolution: str | None = None
    model: str | None = None
    seed: int | None = None
    count: int | None = None
    spoiler: bool | None = None


def image_request(prompt: str, uploads: Sequence[Upload | None], options: Options, *, drawn_seed: int) -> ImageRequest:
    """The request that prompt, files and options describe; an option beats a flag in the prompt.

    Raises:
        InvalidRequest: something cannot be used as it is.
        UnusableImage: a file is refused by its size or type alone.
    """
    flags = read_flags(prompt)
    for upload in uploads:
        if upload is not None:
            check_upload(upload)
    tagging = tag_uploads(flags.prompt, uploads)
    seed = options.seed if options.seed is not None else flags.seed
    return ImageRequest(
        prompt=flags.prompt,
        references=tagging.references,
        shape=_shape(options, flags),
        model=Model(options.model) if options.model else flags.model or Model.GEN4_IMAGE,
        seed=drawn_seed if seed is None else seed,
        seed_chosen=seed is not None,
        count=options.count or flags.count or 1,
        spoiler=bool(options.spoiler if options.spoiler is not None else flags.spoiler),
    ).checked()


def _shape(options: Options, flags: Flags) -> Shape:
    """An option beats a flag; of a ratio and a size only one may be asked for at the same level."""
    if options.ratio and options.size:
        raise InvalidRequest("refused.shape_twice", ratio=options.ratio, size=options.size)
    resolution = Resolution(options.resolution) if options.resolution else flags.resolution
    if options.size:
        size = Size.parse(options.size)
        if size is None:
            raise InvalidRequest("refused.size_text", size=options.size)
        return Shape.of_size(size)
    if options.ratio is None and flags.size is not None:
        return Shape.of_size(flags.size)
    ratio = Ratio(options.ratio) if options.ratio else flags.ratio
    return Shape(ratio=ratio or Ratio.WIDE, resolution=resolution or Resolution.P720)


def upload_of(attachment: discord.Attachment | None) -> Upload | None:
    """What Discord says about a file."""
    if attachment is None:
        return None
    return Upload(
        filename=attachment.filename,
        url=attachment.url,
        size=attachment.size,
        media_type=attachment.content_type,
    )


def size_choices(current: str) -> list[app_commands.Choice[str]]:
    """Exact sizes whose text contains what was typed, smallest first."""
    typed = current.strip().replace("x", ":").replace("×", ":")
    return [
        app_commands.Choice(name=f"{size.width}×{size.height} · {ratio}", value=str(size))
        for size, (ratio, _) in sorted(ALL_SIZES.items())
        if typed in str(size) or typed in ratio.value
    ][:MOST_CHOICES]


def imagine_command(desk: Desk, submissions: Submissions) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = desk.texts.say

    @app_commands.command(name="imagine", description=say("command.imagine.description"))
    @app_commands.describe(
        **{
            name: say(f"command.imagine.{name}")
            for name in (
                *("prompt", "image1", "image2", "image3", "ratio", "size"),
                *("resolution", "model", "seed", "count", "spoiler"),
            )
        }
    )
    @app_commands.choices(
        ratio=[app_commands.Choice(name=say(f"ratio.{ratio}"), value=ratio.value) for ratio in Ratio],
        resolution=[app_commands.Choice(name=each.value, value=each.value) for each in Resolution],
        model=[app_commands.Choice(name=each.value, value=each.value) for each in Model],
    )
    async def imagine(
        interaction: discord.Interaction[Any],
        prompt: str,
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        ratio: str | None = None,
        size: str | None = None,
        resolution: str | None = None,
        model: str | None = None,
        seed: int | None = None,
        count: app_commands.Range[int, 1, 4] | None = None,
        spoiler: bool | None = None,
    ) -> None:
        options = Options(
            ratio=ratio, size=size, resolution=resolution, model=model, seed=seed, count=count, spoiler=spoiler
        )
        uploads = [upload_of(image) for image in (image1, image2, image3)]
        request = image_request(prompt, uploads, options, drawn_seed=submissions.draw_seed())
        await desk.ask(interaction, lambda caller: submissions.submit(request, caller))

    @imagine.autocomplete("size")
    async def sizes(  # pyright: ignore[reportUnusedFunction] - the decorator registers it
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return size_choices(current)

    return imagine
