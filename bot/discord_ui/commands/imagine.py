"""`/imagine`: options and prompt flags become one image request."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.choosing import Choosing
from bot.discord_ui.desk import Desk
from bot.domain.flags import read_flags, read_size
from bot.domain.options import Options, compose
from bot.domain.references import Upload, check_upload, tag_uploads
from bot.domain.request import ImageRequest
from bot.domain.shapes import ALL_SIZES, Model, Ratio, Resolution
from bot.services.submissions import Submissions

MOST_CHOICES = 25


def image_request(prompt: str, uploads: Sequence[Upload | None], options: Options, *, drawn_seed: int) -> ImageRequest:
    """The request that prompt, files and options describe.

    Raises:
        InvalidRequest: something cannot be used as it is.
        UnusableImage: a file is refused by its size or type alone.
    """
    flags = read_flags(prompt)
    for upload in uploads:
        if upload is not None:
            check_upload(upload)
    return compose(flags, tag_uploads(flags.prompt, uploads).references, options, drawn_seed=drawn_seed)


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


def imagine_command(desk: Desk, submissions: Submissions, choosing: Choosing) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = desk.texts.say
    callback = _callback(desk, submissions, choosing)
    command = app_commands.command(name="imagine", description=say("command.imagine.description"))(callback)
    app_commands.describe(**{each.name: say(f"command.imagine.{each.name}") for each in command.parameters})(command)
    app_commands.choices(
        ratio=[app_commands.Choice(name=say(f"ratio.{ratio}"), value=ratio.value) for ratio in Ratio],
        resolution=[app_commands.Choice(name=each.value, value=each.value) for each in Resolution],
        model=[app_commands.Choice(name=each.value, value=each.value) for each in Model],
    )(command)

    @command.autocomplete("size")
    async def sizes(  # pyright: ignore[reportUnusedFunction] - the decorator registers it
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return size_choices(current)

    return command


def _callback(desk: Desk, submissions: Submissions, choosing: Choosing) -> Callable[..., Coroutine[Any, Any, None]]:
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
        enhance: bool | None = None,
        spoiler: bool | None = None,
    ) -> None:
        options = Options(
            ratio=Ratio(ratio) if ratio else None,
            size=read_size(size) if size else None,
            resolution=Resolution(resolution) if resolution else None,
            model=Model(model) if model else None,
            seed=seed,
            count=count,
            spoiler=spoiler,
        )
        uploads = [upload_of(image) for image in (image1, image2, image3)]
        request = image_request(prompt, uploads, options, drawn_seed=submissions.draw_seed())
        if enhance:
            await choosing.offer(interaction, request)
        else:
            await desk.ask(interaction, lambda caller: submissions.submit(request, caller))

    return imagine
