"""A small real bot for tests of the page: a command of every kind, every component, every way to answer."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
from discord import app_commands

from tests.support.discord_client import Client
from tests.support.png import small_png

RATIOS = [app_commands.Choice(name="16:9, wide", value="16:9"), app_commands.Choice(name="1:1, square", value="1:1")]
SIZES = ("1808:768", "1920:1080", "1280:720")


class EditForm(discord.ui.Modal):
    """A form with a field of most kinds."""

    def __init__(self, bot: StudioBot) -> None:
        super().__init__(title="Edit the picture")
        self.bot = bot
        self.prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default="a cat", max_length=100
        )
        shapes = [discord.SelectOption(label="16:9", default=True), discord.SelectOption(label="1:1")]
        self.shape: discord.ui.Select[Any] = discord.ui.Select(options=shapes)
        styles = [discord.RadioGroupOption(label="Painted"), discord.RadioGroupOption(label="Photo")]
        self.style: discord.ui.RadioGroup[Any] = discord.ui.RadioGroup(options=styles)
        self.references: discord.ui.FileUpload[Any] = discord.ui.FileUpload(min_values=0, max_values=2, required=False)
        self.add_item(discord.ui.TextDisplay("Change what you **like**."))
        self.add_item(discord.ui.Label(text="Prompt", description="What you want to see", component=self.prompt))
        self.add_item(discord.ui.Label(text="Shape", component=self.shape))
        self.add_item(discord.ui.Label(text="Style", component=self.style))
        self.add_item(discord.ui.Label(text="References", component=self.references))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        self.bot.submitted.append(
            {
                "prompt": self.prompt.value,
                "shape": self.shape.values,
                "style": self.style.value,
                "files": [await file.read() for file in self.references.values],
            }
        )
        await interaction.response.send_message(f"Edited to {self.prompt.value}", ephemeral=True)


class StudioBot(Client):
    """Answers commands and presses; notes what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.submitted: list[dict[str, Any]] = []
        self.chosen: list[list[str]] = []
        self.go_on = asyncio.Event()
        add_commands(self)
        add_menus(self)

    def buttons(self) -> discord.ui.ActionRow[Any]:
        """Reroll edits the card, Edit opens the form, Broken never answers."""
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()

        async def reroll(interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(view=self.card("Rerolled"))

        async def edit(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(EditForm(self))

        async def broken(interaction: discord.Interaction) -> None:
            """Says nothing."""

        for label, style, act in (
            ("Reroll", discord.ButtonStyle.primary, reroll),
            ("Edit", discord.ButtonStyle.secondary, edit),
            ("Broken", discord.ButtonStyle.danger, broken),
        ):
            button: discord.ui.Button[Any] = discord.ui.Button(label=label, style=style)
            button.callback = act
            row.add_item(button)
        row.add_item(discord.ui.Button(label="16:9", disabled=True))
        row.add_item(discord.ui.Button(label="Docs", url="https://example.com/docs"))
        return row

    def card(self, text: str, pictures: int = 0, *, spoiler: bool = False) -> discord.ui.LayoutView:
        """A container with a text, pictures and the buttons."""
        view = discord.ui.LayoutView(timeout=None)
        container: discord.ui.Container[Any] = discord.ui.Container(
            discord.ui.TextDisplay(text), accent_colour=discord.Colour.blurple()
        )
        if pictures:
            items = [
                discord.MediaGalleryItem(f"attachment://cat{n}.png", description=f"cat {n}", spoiler=spoiler)
                for n in range(pictures)
            ]
            container.add_item(discord.ui.MediaGallery(*items))
        container.add_item(discord.ui.Separator())
        container.add_item(self.buttons())
        view.add_item(container)
        return view


def cats(count: int) -> list[discord.File]:
    """That many pictures."""
    return [
        discord.File(io.BytesIO(small_png(64, 36, shade=40 * n + 40)), filename=f"cat{n}.png") for n in range(count)
    ]


def add_commands(bot: StudioBot) -> None:
    """The slash commands."""

    @bot.tree.command(name="imagine", description="Make pictures")
    @app_commands.describe(prompt="What you want to see", ratio="The shape", size="An exact size")
    @app_commands.choices(ratio=RATIOS)
    async def imagine(
        interaction: discord.Interaction,
        prompt: str,
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        ratio: app_commands.Choice[str] | None = None,
        size: str | None = None,
        seed: app_commands.Range[int, 0, 4294967295] | None = None,
        spoiler: bool = False,
        friend: discord.Member | None = None,
    ) -> None:
        files = [image for image in (image1, image2) if image is not None]
        bot.asked.append(
            {
                "prompt": prompt,
                "files": [(file.filename, await file.read()) for file in files],
                "ratio": ratio.value if ratio is not None else None,
                "size": size,
                "seed": seed,
                "friend": friend.display_name if friend is not None else None,
            }
        )
        await interaction.response.send_message(view=bot.card(f"**Working** on `{prompt}`"))
        card = await interaction.original_response()
        thread = await card.create_thread(name=prompt)
        await thread.send(view=bot.card("Done", 3, spoiler=spoiler), files=cats(3))

    @imagine.autocomplete("size")
    async def sizes(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=size, value=size) for size in SIZES if typed in size]

    @bot.tree.command(name="quota", description="What you may still spend")
    async def quota(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("You have **7** left, <t:1900000000:R>", ephemeral=True)

    @bot.tree.command(name="slow", description="Takes its time")
    async def slow(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await bot.go_on.wait()
        await interaction.edit_original_response(content="It was worth it")

    @bot.tree.command(name="mute", description="Never answers")
    async def mute(interaction: discord.Interaction) -> None:
        """Says nothing."""

    @bot.tree.command(name="pick", description="Offers a choice")
    async def pick(interaction: discord.Interaction) -> None:
        view = discord.ui.View(timeout=None)
        options = [discord.SelectOption(label=ratio, description=f"shape {ratio}") for ratio in ("16:9", "1:1", "4:3")]
        select: discord.ui.Select[Any] = discord.ui.Select(
            placeholder="Choose shapes", options=options, min_values=1, max_values=2
        )

        async def chosen(interaction: discord.Interaction) -> None:
            bot.chosen.append(list(select.values))
            await interaction.response.send_message("Noted", ephemeral=True)

        select.callback = chosen
        view.add_item(select)
        await interaction.response.send_message("Which?", view=view)

    manage = app_commands.Group(
        name="manage", description="Run the server", default_permissions=discord.Permissions(manage_guild=True)
    )
    group = app_commands.Group(name="quota", description="Quotas", parent=manage)

    @group.command(name="set", description="Set a quota")
    async def quota_set(interaction: discord.Interaction, amount: int) -> None:
        await interaction.response.send_message(f"Everyone has {amount} now", ephemeral=True)

    bot.tree.add_command(manage)


def add_menus(bot: StudioBot) -> None:
    """The menus of messages and people."""

    @bot.tree.context_menu(name="Use as reference")
    async def use(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_modal(EditForm(bot))

    @bot.tree.context_menu(name="Show quota")
    async def show(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"{user.display_name} has 3 left", ephemeral=True)
