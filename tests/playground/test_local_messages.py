"""Messages keep Discord's limits, and every refusal has Discord's code and shape."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import LocalDiscord, RateLimits, Upload
from tests.support.png import small_png
from tests.support.raw_discord import HandClock, RawBot, raw_bot

ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


def path_of(local: LocalDiscord, name: str = "studio", rest: str = "") -> str:
    return f"/channels/{local.world.find_channel(name).id}/messages{rest}"


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


@pytest.mark.parametrize(
    ("payload", "errors"),
    [
        ({"content": "x" * 2001}, {"content": ["BASE_TYPE_MAX_LENGTH"]}),
        ({"content": 5}, {"content": ["STRING_TYPE_CONVERT"]}),
        ({"content": "x", "nonce": "n" * 26}, {"nonce": ["NONCE_TYPE_TOO_LONG"]}),
        ({"content": "x", "flags": "y"}, {"flags": ["NUMBER_TYPE_COERCE"]}),
        (embed(title="x" * 257), {"embeds.0.title": ["BASE_TYPE_MAX_LENGTH"]}),
        (embed(description="x" * 4097), {"embeds.0.description": ["BASE_TYPE_MAX_LENGTH"]}),
        (embed(footer={"text": "x" * 2049}), {"embeds.0.footer.text": ["BASE_TYPE_MAX_LENGTH"]}),
        (embed(author={"name": "x" * 257}), {"embeds.0.author.name": ["BASE_TYPE_MAX_LENGTH"]}),
        (embed(title="x", color=1 << 24), {"embeds.0.color": ["NUMBER_TYPE_MAX"]}),
        (embed(fields=[{"name": "a", "value": "b"}] * 26), {"embeds.0.fields": ["BASE_TYPE_MAX_LENGTH"]}),
        (embed(fields=[{"name": "a"}]), {"embeds.0.fields.0.value": ["BASE_TYPE_REQUIRED"]}),
        (embed(fields=[{"name": "a", "value": "x" * 1025}]), {"embeds.0.fields.0.value": ["BASE_TYPE_MAX_LENGTH"]}),
        ({"embeds": [{"description": "x" * 3001}] * 2}, {"embeds.0": ["MAX_EMBED_SIZE_EXCEEDED"]}),
        ({"embeds": [{"title": "x"}] * 11}, {"embeds": ["BASE_TYPE_MAX_LENGTH"]}),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            {"allowed_mentions": ["MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"]},
        ),
        (
            {"content": "x", "allowed_mentions": {"users": [str(n) for n in range(101)]}},
            {"allowed_mentions.users": ["BASE_TYPE_MAX_LENGTH"]},
        ),
        ({"content": "x", "attachments": [{"id": 0}]}, {"attachments.0.id": ["ATTACHMENT_NOT_FOUND"]}),
        (
            {"content": "x", "message_reference": {"message_id": "1"}},
            {"message_reference": ["MESSAGE_REFERENCE_UNKNOWN_MESSAGE"]},
        ),
    ],
)
async def test_a_form_error_names_the_place(
    local: LocalDiscord, bot: RawBot, payload: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    answer = await bot.request("POST", path_of(local), payload)
    assert (answer.status, answer.code, answer.body["message"]) == (400, 50035, "Invalid Form Body")
    assert answer.errors() == errors
    assert local.messages("studio") == []


async def test_the_shape_of_a_form_error_is_discords(local: LocalDiscord, bot: RawBot) -> None:
    answer = await bot.request("POST", path_of(local), {"content": "x" * 2001})
    assert answer.body == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {
            "content": {
                "_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}],
            }
        },
    }


@pytest.mark.parametrize("payload", [{}, {"content": ""}, {"content": None, "embeds": [], "components": []}])
async def test_an_empty_message_is_refused(local: LocalDiscord, bot: RawBot, payload: dict[str, Any]) -> None:
    answer = await bot.request("POST", path_of(local), payload)
    assert (answer.status, answer.code) == (400, 50006)


async def test_a_body_that_is_no_json_is_refused(local: LocalDiscord, bot: RawBot) -> None:
    url = local.api_base + path_of(local)
    headers = {"Authorization": f"Bot {local.token}", "Content-Type": "application/json"}
    async with bot.session.post(url, data=b"{", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/channels/1", 404, 10003),
        ("POST", "/channels/1/messages", 404, 10003),
        ("GET", "/channels/{studio}/messages/1", 404, 10008),
        ("PATCH", "/channels/{studio}/messages/1", 404, 10008),
        ("DELETE", "/channels/{studio}/messages/1", 404, 10008),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", "/users/1", 404, 10013),
        ("GET", "/guilds/{guild}/members/1", 404, 10013),
        ("GET", "/webhooks/1/x/messages/@original", 404, 10015),
    ],
)
async def test_unknown_ids_have_their_codes(
    local: LocalDiscord, bot: RawBot, method: str, path: str, status: int, code: int
) -> None:
    filled = path.format(studio=local.world.find_channel("studio").id, guild=local.world.guild.id)
    answer = await bot.request(method, filled, {"content": "x"} if method in ("POST", "PATCH") else None)
    assert (answer.status, answer.code) == (status, code)


async def test_unknown_routes_and_methods_are_refused(bot: RawBot) -> None:
    assert (await bot.request("GET", "/nothing")).status == 404
    assert (await bot.request("PUT", "/users/@me")).status == 405


async def test_a_wrong_token_is_unauthorized(bot: RawBot) -> None:
    answer = await bot.request("GET", "/users/@me", token="a.b.c")
    assert (answer.status, answer.body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_an_enforced_nonce_gives_back_the_first_message_for_three_minutes() -> None:
    clock = HandClock()
    async with LocalDiscord.open(clock=clock, rate_limits=RateLimits.relaxed()) as local, raw_bot(local) as bot:
        body = {"content": "once", "nonce": "j1", "enforce_nonce": True}
        first = await bot.request("POST", path_of(local), body)
        second = await bot.request("POST", path_of(local), body | {"content": "twice"})
        assert (second.status, second.body["id"], second.body["content"]) == (200, first.body["id"], "once")
        assert second.body["nonce"] == "j1"
        loose = await bot.request("POST", path_of(local), body | {"enforce_nonce": False})
        assert loose.body["id"] != first.body["id"]
        clock.now += 181
        late = await bot.request("POST", path_of(local), body)
        assert late.body["id"] not in (first.body["id"], loose.body["id"])


async def test_files_become_attachments_with_sizes_and_alt_texts(local: LocalDiscord, bot: RawBot) -> None:
    body = {"attachments": [{"id": 0, "filename": "SPOILER_my cat.png", "description": "a cat"}]}
    made = await bot.request("POST", path_of(local), body, files={"my cat.png": small_png(30, 20), "notes.txt": b"hi"})
    picture, notes = made.body["attachments"]
    assert (picture["filename"], picture["description"]) == ("SPOILER_my_cat.png", "a cat")
    assert (picture["width"], picture["height"], picture["content_type"]) == (30, 20, "image/png")
    assert (notes["size"], "width" in notes) == (2, False)


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ({f"{number}.png": b"x" for number in range(11)}, 400, 30015),
        ({"big.png": b"0" * (10 * 1024 * 1024 + 1)}, 413, 40005),
        ({f"{number}.png": b"0" * (9 * 1024 * 1024) for number in range(3)}, 413, 40005),
    ],
)
async def test_too_many_or_too_large_files_are_refused(
    local: LocalDiscord, bot: RawBot, files: dict[str, bytes], status: int, code: int
) -> None:
    answer = await bot.request("POST", path_of(local), {}, files=files)
    assert (answer.status, answer.code) == (status, code)


async def test_alt_texts_end_at_1024_characters(local: LocalDiscord, bot: RawBot) -> None:
    body = {"attachments": [{"id": 0, "description": "x" * 1025}]}
    answer = await bot.request("POST", path_of(local), body, files={"a.png": small_png(1, 1)})
    assert answer.errors() == {"attachments.0.description": ["BASE_TYPE_MAX_LENGTH"]}


async def test_an_edit_keeps_what_it_does_not_name(local: LocalDiscord, bot: RawBot) -> None:
    made = await bot.request("POST", path_of(local), {"content": "x", "components": [ROW]}, files={"a.png": b"1"})
    one = path_of(local, rest=f"/{made.body['id']}")
    edited = await bot.request("PATCH", one, {"content": "y"})
    assert edited.body["components"][0]["components"][0]["custom_id"] == "go"
    assert [each["filename"] for each in edited.body["attachments"]] == ["a.png"]
    assert edited.body["edited_timestamp"] is not None
    kept = [{"id": edited.body["attachments"][0]["id"]}, {"id": 0, "filename": "b.png"}]
    more = await bot.request("PATCH", one, {"attachments": kept}, files={"b.png": b"2"})
    assert [each["filename"] for each in more.body["attachments"]] == ["a.png", "b.png"]
    gone = await bot.request("PATCH", one, {"attachments": [], "components": []})
    assert (gone.body["attachments"], gone.body["components"]) == ([], [])
    assert (await bot.request("PATCH", one, {"content": ""})).code == 50006


async def test_nobody_elses_message_can_be_edited(local: LocalDiscord, bot: RawBot) -> None:
    said = await local.person("Mia").say("studio", "mine")
    one = path_of(local, rest=f"/{said['id']}")
    answer = await bot.request("PATCH", one, {"content": "yours"})
    assert (answer.status, answer.code) == (403, 50005)
    assert (await bot.request("DELETE", one)).status == 204
    assert (await bot.request("GET", one)).code == 10008


async def test_pages_are_newest_first(local: LocalDiscord, bot: RawBot) -> None:
    ids = [(await local.person("Mia").say("studio", str(number)))["id"] for number in range(6)]

    async def page(query: str) -> list[str]:
        return [each["id"] for each in (await bot.request("GET", path_of(local, rest=query))).body]

    assert await page("?limit=2") == [ids[5], ids[4]]
    assert await page(f"?limit=2&before={ids[3]}") == [ids[2], ids[1]]
    assert await page(f"?limit=2&after={ids[1]}") == [ids[3], ids[2]]
    assert await page(f"?limit=3&around={ids[3]}") == [ids[4], ids[3], ids[2]]
    assert (await bot.request("GET", path_of(local, rest="?limit=101"))).code == 50035
    assert (await bot.request("GET", path_of(local, rest="?before=x"))).code == 50035


async def test_mentions_follow_allowed_mentions(local: LocalDiscord, bot: RawBot) -> None:
    mia, role = local.person("Mia").id, local.world.moderator_role_id
    text = f"<@{mia}> <@&{role}> @everyone"
    free = (await bot.request("POST", path_of(local), {"content": text})).body
    assert [user["id"] for user in free["mentions"]] == [mia]
    assert (free["mention_roles"], free["mention_everyone"]) == ([role], False)
    none = (await bot.request("POST", path_of(local), {"content": text, "allowed_mentions": {"parse": []}})).body
    assert (none["mentions"], none["mention_roles"]) == ([], [])
    some = (await bot.request("POST", path_of(local), {"content": text, "allowed_mentions": {"users": [mia]}})).body
    assert ([user["id"] for user in some["mentions"]], some["mention_roles"]) == ([mia], [])


async def test_a_reply_names_what_it_answers_and_pings_only_when_allowed(local: LocalDiscord, bot: RawBot) -> None:
    said = await local.person("Mia").say("studio", "hello", [Upload("a.png", small_png(1, 1))])
    body = {"content": "hi", "message_reference": {"message_id": said["id"]}}
    made = (await bot.request("POST", path_of(local), body)).body
    assert (made["type"], made["referenced_message"]["id"]) == (19, said["id"])
    assert [user["username"] for user in made["mentions"]] == ["mia"]
    quiet = (await bot.request("POST", path_of(local), body | {"allowed_mentions": {"parse": []}})).body
    assert quiet["mentions"] == []
    lost = body | {"message_reference": {"message_id": "1", "fail_if_not_exists": False}}
    assert (await bot.request("POST", path_of(local), lost)).body["type"] == 0


async def test_direct_messages_reach_members_only(local: LocalDiscord, bot: RawBot) -> None:
    mia = local.person("Mia")
    channel = (await bot.request("POST", "/users/@me/channels", {"recipient_id": mia.id})).body
    assert (channel["type"], channel["recipients"][0]["id"]) == (1, mia.id)
    sent = await bot.request("POST", f"/channels/{channel['id']}/messages", {"content": "psst"})
    assert sent.status == 200
    assert local.messages(mia.dm, "Mia")[0]["content"] == "psst"
    local.world.remove_person(mia.id)
    refused = await bot.request("POST", f"/channels/{channel['id']}/messages", {"content": "psst"})
    assert (refused.status, refused.code) == (403, 50007)
    assert (await bot.request("POST", "/users/@me/channels", {"recipient_id": "1"})).code == 50035


async def test_the_guild_and_who_is_in_it_can_be_read(local: LocalDiscord, bot: RawBot) -> None:
    guild = f"/guilds/{local.world.guild.id}"
    assert (await bot.request("GET", f"{guild}?with_counts=true")).body["approximate_member_count"] == 5
    assert {role["name"] for role in (await bot.request("GET", f"{guild}/roles")).body} >= {"@everyone", "Moderator"}
    assert len((await bot.request("GET", f"{guild}/channels")).body) == 5
    member = await bot.request("GET", f"{guild}/members/{local.person('Sam').id}")
    assert member.body["roles"] == [local.world.moderator_role_id]
    assert (await bot.request("GET", f"{guild}/members/search?query=mi")).body[0]["user"]["username"] == "mia"
    assert (await bot.request("GET", f"{guild}/members")).code == 50001
    for path in ("/users/@me", "/users/@me/guilds", "/applications/@me", "/oauth2/applications/@me", "/gateway"):
        assert (await bot.request("GET", path)).status == 200
