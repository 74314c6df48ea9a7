"""Pictures that people pass on: forwards, links that unfurl, profile pictures, and who is told of them."""

from __future__ import annotations

import discord
import pytest

from bot.playground import ActionRefused, LocalDiscord, Upload
from tests.support.discord_client import Client, connected
from tests.support.png import small_png
from tests.support.raw_discord import RawBot

CAT = Upload("cat.png", small_png(64, 36))
ELSEWHERE = "https://pictures.example/dog.png"


def heard_by(client: Client) -> list[discord.Message]:
    """Every message that the client is told of from now on."""
    heard: list[discord.Message] = []

    async def on_message(message: discord.Message) -> None:
        heard.append(message)

    client.event(on_message)
    return heard


async def test_a_forward_shows_the_message_as_it_was(local: LocalDiscord) -> None:
    client = Client()
    heard = heard_by(client)
    async with connected(client, local):
        mia = local.person("Mia")
        source = await mia.say("studio", "look", [CAT])
        await mia.forward(source["id"], "dm")
        await local.wait_for(lambda: len(heard) == 2)
        forward = heard[1]
        assert (forward.content, forward.attachments) == ("", [])
        assert forward.reference is not None
        assert forward.reference.type is discord.MessageReferenceType.forward
        (shown,) = forward.message_snapshots
        assert (shown.content, [file.filename for file in shown.attachments]) == ("look", ["cat.png"])
        assert await shown.attachments[0].read() == CAT.data


async def test_a_forward_of_a_forward_shows_the_first_message(local: LocalDiscord, bot: RawBot) -> None:
    mia = local.person("Mia")
    first = await mia.forward((await mia.say("studio", "look", [CAT]))["id"], "general")
    second = await local.person("Noor").forward(first["id"], "showcase")
    (shown,) = second["message_snapshots"]
    assert shown["message"]["content"] == "look"
    listed = await bot.request("GET", f"/channels/{second['channel_id']}/messages")
    assert listed.body[0]["message_snapshots"] == []


async def test_what_may_not_be_sent_may_not_be_forwarded(local: LocalDiscord) -> None:
    mia = local.person("Mia")
    source = await mia.say("studio", "look")
    with pytest.raises(ActionRefused, match="permission"):
        await mia.forward(source["id"], "announcements")
    with pytest.raises(ActionRefused, match="gone"):
        await mia.forward("1", "studio")


async def test_a_link_to_a_picture_unfurls_through_the_media_proxy(local: LocalDiscord, online: RawBot) -> None:
    local.add_picture_elsewhere(ELSEWHERE, small_png(80, 60))
    said = await local.person("Mia").say("dm", f"a dog like {ELSEWHERE}")
    (embed,) = said["embeds"]
    assert (embed["type"], embed["url"]) == ("image", ELSEWHERE)
    assert (embed["thumbnail"]["width"], embed["thumbnail"]["height"]) == (80, 60)
    async with online.session.get(embed["thumbnail"]["proxy_url"]) as answer:
        assert await answer.read() == small_png(80, 60)


async def test_people_have_profile_pictures_at_their_hash_only(local: LocalDiscord, bot: RawBot) -> None:
    local.give_avatar("Noor", small_png(32, 32))
    base = local.api_base.removesuffix("/api/v10")
    for name, content in (("Noor", small_png(32, 32)), ("Mia", None)):
        user = (await bot.request("GET", f"/users/{local.person(name).id}")).body
        async with bot.session.get(f"{base}/avatars/{user['id']}/{user['avatar']}.png") as answer:
            data = await answer.read()
            assert data[:4] == b"\x89PNG"
            assert content in (None, data)
        async with bot.session.get(f"{base}/avatars/{user['id']}/{'0' * 32}.png") as answer:
            assert answer.status == 404


async def test_contents_of_forwards_and_links_are_hidden_without_the_intent(local: LocalDiscord) -> None:
    client = Client()
    heard = heard_by(client)
    local.add_picture_elsewhere(ELSEWHERE, small_png(80, 60))
    async with connected(client, local):
        mia = local.person("Mia")
        source = await mia.say("studio", ELSEWHERE)
        await mia.forward(source["id"], "studio")
        await local.wait_for(lambda: len(heard) == 2)
        assert [(each.content, each.embeds, each.message_snapshots) for each in heard] == [("", [], [])] * 2


async def test_a_message_can_be_told_of_twice(local: LocalDiscord) -> None:
    client = Client()
    heard = heard_by(client)
    async with connected(client, local):
        said = await local.person("Mia").say("dm", "hello")
        local.deliver_again(said["id"])
        await local.wait_for(lambda: len(heard) == 2)
        assert {each.id for each in heard} == {int(said["id"])}


async def test_a_user_menu_works_where_it_is_opened(local: LocalDiscord, online: RawBot) -> None:
    mia = local.person("Mia")
    used = await mia.menu("Show quota", "Noor", channel="general")
    assert used.channel_id == local.world.find_channel("general").id
