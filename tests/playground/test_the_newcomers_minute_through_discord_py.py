"""A real, unmodified discord.py client cannot tell the local Discord from Discord."""

from __future__ import annotations

import io
from typing import ClassVar

import discord

from bot.playground import Answer, LocalDiscord, Upload
from tests.support.discord_client import Client, connected
from tests.support.png import small_png


class Reroll(discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]], template=r"v1:reroll:(?P<job>[0-9]+)"):
    """A button that outlives restarts."""

    pressed: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, job: str) -> None:
        super().__init__(discord.ui.Button(label="Reroll", custom_id=f"v1:reroll:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        self.pressed.append((interaction.user.display_name, self.job))
        await interaction.response.send_message(f"again {self.job}", ephemeral=True)


def card(text: str, *, gallery: str | None = None) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    container = discord.ui.Container(discord.ui.TextDisplay(text))
    if gallery is not None:
        container.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(gallery, description="a cat")))
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    row.add_item(Reroll("7"))
    container.add_item(row)
    view.add_item(container)
    return view


async def test_a_command_becomes_a_card_a_thread_and_a_picture_with_a_working_button(
    local: LocalDiscord,
) -> None:
    client = Client()
    client.add_dynamic_items(Reroll)
    Reroll.pressed.clear()
    seen: dict[str, object] = {}

    @client.tree.command(name="imagine", description="Make a picture")
    async def imagine(interaction: discord.Interaction, prompt: str, image1: discord.Attachment | None = None) -> None:
        await interaction.response.send_message(view=card(f"Working on {prompt}"))
        original = await interaction.original_response()
        assert image1 is not None
        seen["bytes"] = await image1.read()
        seen["size"] = (image1.width, image1.height)
        thread = await original.create_thread(name="a cat")
        file = discord.File(io.BytesIO(small_png(64, 36)), filename="cat.png", description="a cat")
        sent = await thread.send(view=card("Done", gallery="attachment://cat.png"), file=file, nonce="j1")
        seen["message"] = sent.id
        await interaction.edit_original_response(view=card("Finished"))

    async with connected(client, local):
        mia = local.person("Mia")
        picture = small_png(16, 9)
        answered = await mia.slash("studio", "imagine", {"prompt": "a cat", "image1": Upload("model.png", picture)})
        assert (answered.response, answered.error) == (Answer.MESSAGE, None)
        assert answered.latency_ms is not None
        await local.wait_for(lambda: "Finished" in str(local.messages("studio")))
        assert seen["bytes"] == picture
        assert seen["size"] == (16, 9)

        [shown] = local.messages("studio", "Mia")
        assert shown["interaction"] == {"command": "/imagine", "user": {"id": mia.id, "name": "Mia"}}
        assert shown["thread"]["id"] == shown["id"]
        result = local.messages(shown["id"])[-1]
        assert result["id"] == str(seen["message"])
        media = result["components"][0]["components"][1]["items"][0]["media"]
        assert (media["width"], media["height"]) == (64, 36)

        pressed = await local.person("Noor").press(result["id"], label="Reroll")
        assert pressed.response is Answer.MESSAGE
        assert Reroll.pressed == [("Noor", "7")]
        assert [m["content"] for m in local.messages(shown["id"], "Noor") if m["ephemeral"]] == ["again 7"]
        assert not [m for m in local.messages(shown["id"], "Mia") if m["ephemeral"]]
