"""`/imagine`: options and prompt flags become one image request."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.choosing import Choosing
from bot.discord_ui.commands.status import ProviderCards
from bot.discord_ui.desk import Desk
from bot.discord_ui.pictures import upload_of
from bot.domain.flags import read_size
from bot.domain.options import Options, image_request
from bot.domain.shapes import ALL_SIZES, Model, Ratio, Resolution
from bot.services.providers import ProviderService
from bot.services.submissions import Submissions

MOST_CHOICES = 25
OPTIONS = (
    *("prompt", "image1", "image2", "image3", "ratio", "size"),
    *("resolution", "model", "seed", "count", "provider", "enhance", "spoiler"),
)
PLAIN_CHOICES = {"resolution": list(Resolution), "model": list(Model)}


def read_options(
    *,
    ratio: str | None,
    size: str | None,
    resolution: str | None,
    model: str | None,
    seed: int | None,
    count: int | None,
    spoiler: bool | None,
) -> Options:
    """The options as Discord gives them, as one value.

    Raises:
        InvalidRequest: the size is none.
    """
    return Options(
        ratio=Ratio(ratio) if ratio else None,
        size=read_size(size) if size else None,
        resolution=Resolution(resolution) if resolution else None,
        model=Model(model) if model else None,
        seed=seed,
        count=count,
        spoiler=spoiler,
    )


def size_choices(current: str) -> list[app_commands.Choice[str]]:
    """Exact sizes whose text contains what was typed, smallest first."""
    typed = current.strip().replace("x", ":").replace("×", ":")
    return [
        app_commands.Choice(name=f"{size.width}×{size.height} · {ratio}", value=str(size))
        for size, (ratio, _) in sorted(ALL_SIZES.items())
        if typed in str(size) or typed in ratio.value
    ][:MOST_CHOICES]


def named(provider: str | None) -> str | None:
    """The service that was asked for, if one was."""
    return (provider or "").strip().casefold() or None


def imagine_command(
    desk: Desk, submissions: Submissions, choosing: Choosing, providers: ProviderService, cards: ProviderCards
) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = desk.texts.say

    @app_commands.command(name="imagine", description=say("command.imagine.description"))
    @app_commands.describe(**{name: say(f"command.imagine.{name}") for name in OPTIONS})
    @app_commands.choices(
        ratio=[app_commands.Choice(name=say(f"ratio.{ratio}"), value=ratio.value) for ratio in Ratio],
        **{name: [app_commands.Choice(name=one, value=one) for one in kind] for name, kind in PLAIN_CHOICES.items()},
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
        provider: str | None = None,
        enhance: bool | None = None,
        spoiler: bool | None = None,
    ) -> None:
        options = read_options(
            ratio=ratio, size=size, resolution=resolution, model=model, seed=seed, count=count, spoiler=spoiler
        )
        uploads = [None if image is None else upload_of(image) for image in (image1, image2, image3)]
        fallback = await submissions.fallback(requester_of(interaction).guild_id)
        request, chosen = image_request(prompt, uploads, options, fallback=fallback), named(provider)
        if enhance:
            return await choosing.offer(interaction, request, provider=chosen)
        await desk.ask(interaction, lambda caller: submissions.submit(request, caller, provider=chosen))

    _complete(imagine, providers, cards)  # pyright: ignore[reportUnknownArgumentType] - as said above
    return imagine


def _complete(imagine: app_commands.Command[Any, ..., None], providers: ProviderService, cards: ProviderCards) -> None:
    """Offer sizes and services while somebody types; what is sent is checked all the same."""

    @imagine.autocomplete("size")
    async def sizes(  # pyright: ignore[reportUnusedFunction] - the decorator registers it
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return size_choices(current)

    @imagine.autocomplete("provider")
    async def services(  # pyright: ignore[reportUnusedFunction] - the decorator registers it
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return cards.choices(await providers.offered(requester_of(interaction).guild_id), current)
