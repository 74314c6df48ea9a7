"""What else a bot does with discord.py: autocomplete, modals, selects, menus, follow-ups, files, threads, DMs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands

from bot.playground import Answer, LocalDiscord, Upload
from tests.support.discord_client import Client, connected
from tests.support.png import small_png

Click = discord.Interaction[discord.Client]


class Form(discord.ui.Modal, title="Edit"):
    """A modal with every kind of field a bot needs."""

    prompt: discord.ui.Label[Form] = discord.ui.Label(text="Prompt", component=discord.ui.TextInput(max_length=100))
    files: discord.ui.Label[Form] = discord.ui.Label(
        text="Files", component=discord.ui.FileUpload(required=False, max_values=3)
    )
    shape: discord.ui.Label[Form] = discord.ui.Label(
        text="Shape", component=discord.ui.Select(options=[discord.SelectOption(label="Wide", value="16:9")])
    )

    async def on_submit(self, interaction: Click, /) -> None:
        prompt, files, shape = self.prompt.component, self.files.component, self.shape.component
        assert isinstance(prompt, discord.ui.TextInput)
        assert isinstance(files, discord.ui.FileUpload)
        assert isinstance(shape, discord.ui.Select)
        sizes = [len(await each.read()) for each in files.values]
        await interaction.response.send_message(f"{prompt.value} {sizes} {shape.values}")


def ids(modal: discord.ui.Modal) -> dict[str, str]:
    """The custom ids of a modal's fields by label."""
    return {each["label"]: each["component"]["custom_id"] for each in modal.to_dict()["components"]}


@pytest.fixture
async def client(local: LocalDiscord) -> AsyncIterator[Client]:
    """A connected client with commands of every kind."""
    made = Client()
    tree = made.tree

    @tree.command(description="Defers, follows up, edits")
    async def slow(interaction: Click) -> None:
        await interaction.response.defer(thinking=True)
        first = await interaction.followup.send("first", wait=True)
        file = discord.File(io.BytesIO(small_png(2, 2)), "a.png", description="alt")
        await first.edit(content="edited", attachments=[file])
        kept = (await interaction.original_response()).attachments
        await first.edit(attachments=[*kept, discord.File(io.BytesIO(b"2"), "b.txt")])
        second = await interaction.followup.send("second", ephemeral=True, wait=True)
        await second.delete()

    @tree.command(description="Offers sizes")
    async def pick(interaction: Click, size: str) -> None:
        await interaction.response.send_message(size, ephemeral=True)

    @pick.autocomplete("size")
    async def sizes(interaction: Click, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"size {current}", value=current)]

    @tree.command(description="Opens a form")
    async def form(interaction: Click) -> None:
        modal = Form()
        interaction.client.form = modal  # pyright: ignore[reportAttributeAccessIssue] - the test reads it back
        await interaction.response.send_modal(modal)

    @tree.context_menu(name="Use as reference")
    async def use(interaction: Click, message: discord.Message) -> None:
        await interaction.response.send_message(f"{message.content} {len(await message.attachments[0].read())}")

    @tree.context_menu(name="Show quota")
    async def quota(interaction: Click, member: discord.Member) -> None:
        await interaction.response.send_message(member.display_name)

    async with connected(made, local):
        yield made


async def test_deferring_following_up_and_editing_files(local: LocalDiscord, client: Client) -> None:
    answered = await local.person("Mia").slash("studio", "slow")
    assert answered.response is Answer.DEFERRED
    await local.wait_for(lambda: local.calls()[-1].method == "DELETE")
    [message] = local.messages("studio", "Mia")
    assert (message["content"], message["local"]["loading"]) == ("edited", None)
    assert [each["filename"] for each in message["attachments"]] == ["a.png", "b.txt"]
    assert message["attachments"][0]["description"] == "alt"


async def test_autocomplete(local: LocalDiscord, client: Client) -> None:
    mia = local.person("Mia")
    assert await mia.autocomplete("studio", "pick", "size", "18") == [{"name": "size 18", "value": "18"}]
    answered = await mia.slash("studio", "pick", {"size": "anything"})
    assert answered.response is Answer.MESSAGE


async def test_a_modal_with_files_and_a_select(local: LocalDiscord, client: Client) -> None:
    mia = local.person("Mia")
    opened = await mia.slash("studio", "form")
    assert opened.response is Answer.MODAL
    field = ids(client.form)  # pyright: ignore[reportAttributeAccessIssue] - set by the command
    picture = small_png(3, 3)
    filled = {field["Prompt"]: "a dog", field["Files"]: [Upload("a.png", picture)], field["Shape"]: ["16:9"]}
    await mia.submit(opened, filled)
    assert local.messages("studio")[-1]["content"] == f"a dog [{len(picture)}] ['16:9']"


async def test_menus(local: LocalDiscord, client: Client) -> None:
    said = await local.person("Noor").say("studio", "look", [Upload("a.png", b"12345")])
    await local.person("Mia").menu("Use as reference", said["id"])
    assert local.messages("studio")[-1]["content"] == "look 5"
    await local.person("Mia").menu("Show quota", "Noor")
    assert local.messages("studio")[-1]["content"] == "Noor"


async def test_channels_threads_forums_and_direct_messages(local: LocalDiscord, client: Client) -> None:
    guild = client.get_guild(int(local.world.guild.id))
    assert guild is not None
    studio = discord.utils.get(guild.text_channels, name="studio")
    forum = discord.utils.get(guild.forums, name="ideas")
    assert studio is not None
    assert forum is not None
    first = await studio.send("once", nonce="j1")
    assert (await studio.send("twice", nonce="j1")).id == first.id
    answer = await first.reply("an answer", mention_author=False)
    thread = await first.create_thread(name="a cat")
    inside = await thread.send(embed=discord.Embed(title="t").set_image(url="https://example.com/a.png"))
    await inside.edit(content="new", embed=None)
    await thread.edit(archived=True, locked=True)
    assert (await client.fetch_channel(thread.id)).archived  # pyright: ignore[reportAttributeAccessIssue] - a thread
    post = await forum.create_thread(name="post", content="hello", applied_tags=[forum.available_tags[0]])
    assert post.message.id == post.thread.id
    user = await client.fetch_user(int(local.person("Mia").id))
    await user.send("psst")
    assert [message.id async for message in studio.history(limit=5)] == [answer.id, first.id]
    assert local.messages(local.person("Mia").dm, "Mia")[-1]["content"] == "psst"
    announcements = discord.utils.get(guild.text_channels, name="announcements")
    assert announcements is not None
    with pytest.raises(discord.Forbidden) as refused:
        await announcements.send("no")
    assert refused.value.code == 50013


async def test_a_mention_with_a_picture_is_heard(local: LocalDiscord, client: Client) -> None:
    text = f"<@{local.world.bot.id}> a cat"
    await local.person("Mia").say("studio", text, [Upload("a.png", small_png(5, 5))])
    heard = await local.wait_for(lambda: client.heard)
    assert (heard[0].content, heard[0].attachments[0].width) == (text, 5)
    assert client.user in heard[0].mentions


async def test_a_plain_client_works_too(local: LocalDiscord) -> None:
    class Plain(discord.Client):
        is_up = asyncio.Event()

        async def on_ready(self) -> None:
            self.is_up.set()

    plain = Plain(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
    async with connected(plain, local):
        assert [guild.name for guild in plain.guilds] == ["Atelier Studio"]


async def test_two_hundred_commands_at_once_are_answered_in_time(local: LocalDiscord, client: Client) -> None:
    people = [local.world.add_person(f"P{number}").display_name for number in range(200)]
    acts = (local.person(name).slash("studio", "pick", {"size": name}) for name in people)
    answered = await asyncio.gather(*acts)
    assert [each.error for each in answered] == [None] * 200
    assert {message["content"] for name in people for message in local.messages("studio", name)} == set(people)
