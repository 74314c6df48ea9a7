"""The page's API: who may call it, what it refuses, and in which words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.playground import LocalDiscord
from tests.support.discord_client import connected
from tests.support.studio_bot import StudioBot


@pytest.fixture
async def browserless(local: LocalDiscord) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that speaks the page's API."""
    async with aiohttp.ClientSession(base_url=local.page_url) as session:
        yield session


def form(fields: dict[str, Any], *files: bytes) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    data.add_field("payload_json", json.dumps(fields))
    for index, content in enumerate(files):
        data.add_field(f"files[{index}]", content, filename=f"file{index}.png", content_type="image/png")
    return data


async def test_without_a_name_the_first_member_looks(browserless: aiohttp.ClientSession, local: LocalDiscord) -> None:
    async with browserless.get("/playground/state") as answer:
        state = await answer.json()
    assert state["me"] == local.person("Mia").id
    assert "Moderator" in [role["name"] for role in state["roles"]]
    assert state["online"] is False
    studio = next(channel for channel in state["channels"] if channel["name"] == "studio")
    assert studio["topic"] == "Make pictures here."


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/playground/state"),
        ("POST", "/playground/interactions"),
        ("POST", "/playground/dismiss"),
        ("GET", "/playground/events"),
    ],
)
async def test_another_web_site_may_not_act_for_people(
    method: str, path: str, browserless: aiohttp.ClientSession
) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example:8080"}, {"Origin": "null"}):
        async with browserless.request(method, path, headers=headers) as answer:
            assert answer.status == 403, headers
            assert "own page" in (await answer.json())["error"]


async def test_unknown_people_channels_and_notes_are_not_found(browserless: aiohttp.ClientSession) -> None:
    async with browserless.get("/playground/state?as=5") as answer:
        assert answer.status == 404
    async with browserless.get("/playground/channels/5/messages?as=Mia") as answer:
        assert answer.status == 404
    async with browserless.post("/playground/dismiss", json={"as": "Mia", "message_id": "5"}) as answer:
        assert answer.status == 404
        assert "no ephemeral message" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'as' is missing"),
        ({"as": "Mia"}, "'kind' is missing"),
        ({"as": "Mia", "kind": "dance"}, "no interaction of the kind"),
        ({"as": "Mia", "kind": "command", "channel_id": "studio", "name": "imagine", "options": 3}, "not an object"),
        (
            {"as": "Mia", "kind": "command", "channel_id": "studio", "name": "imagine", "options": {"a": {"file": 0}}},
            "File 0 was not sent",
        ),
        ({"as": "Mia", "kind": "component", "message_id": "1", "custom_id": "a", "values": "b"}, "not a list"),
    ],
)
async def test_input_that_makes_no_sense_is_refused_in_words(
    body: dict[str, Any], words: str, browserless: aiohttp.ClientSession
) -> None:
    async with browserless.post("/playground/interactions", data=form(body)) as answer:
        assert answer.status == 400
        assert words in (await answer.json())["error"]


async def test_what_discord_s_client_would_not_let_people_do_is_refused(
    browserless: aiohttp.ClientSession, local: LocalDiscord
) -> None:
    announcements = local.world.find_channel("announcements").id
    path = f"/playground/channels/{announcements}/messages"
    async with browserless.post(path, data=form({"as": local.person("Mia").id, "content": "hi"})) as answer:
        assert answer.status == 422
        assert "permission" in (await answer.json())["error"]


async def test_a_command_and_its_form_travel_with_their_files(
    browserless: aiohttp.ClientSession, local: LocalDiscord
) -> None:
    bot = StudioBot()
    mia = local.person("Mia").id
    async with connected(bot, local):
        fields = {"as": mia, "channel_id": "studio", "kind": "command", "name": "imagine"}
        options = {"prompt": "a cat", "image1": {"file": 0}, "seed": 5}
        async with browserless.post(
            "/playground/interactions", data=form({**fields, "options": options}, b"x")
        ) as sent:
            answer = await sent.json()
        assert (answer["ok"], answer["response"], answer["error"]) == (True, "message", None)
        await local.wait_for(lambda: bot.asked)
        assert bot.asked[0]["files"] == [("file0.png", b"x")]

        ask = {**fields, "kind": "autocomplete", "options": {"prompt": "a", "size": "1808"}, "focused": "size"}
        async with browserless.post("/playground/interactions", data=form(ask)) as sent:
            assert (await sent.json())["choices"] == [{"name": "1808:768", "value": "1808:768"}]

        async with browserless.get(f"/playground/channels/studio/messages?as={mia}") as sent:
            [card] = await sent.json()
        buttons = card["components"][0]["components"][-1]["components"]
        edit = next(button["custom_id"] for button in buttons if button.get("label") == "Edit")
        press = {"as": mia, "kind": "component", "message_id": card["id"], "custom_id": edit}
        async with browserless.post("/playground/interactions", data=form(press)) as sent:
            opened = await sent.json()
        assert opened["response"] == "modal"
        prompt, shape, style, references = (
            row["component"]["custom_id"] for row in opened["modal"]["components"] if "component" in row
        )
        filled = {prompt: "a dog", shape: ["1:1"], style: "Photo", references: {"files": [1, 0]}}
        submit = {"as": mia, "kind": "modal", "interaction_id": opened["interaction_id"], "fields": filled}
        async with browserless.post("/playground/interactions", data=form(submit, b"one", b"two")) as sent:
            assert (await sent.json())["ok"] is True
    assert bot.submitted == [{"prompt": "a dog", "shape": ["1:1"], "style": "Photo", "files": [b"two", b"one"]}]


async def test_events_arrive_as_they_happen(browserless: aiohttp.ClientSession, local: LocalDiscord) -> None:
    mia = local.person("Mia")
    async with browserless.ws_connect(f"/playground/events?as={mia.id}") as events:
        await local.person("Noor").say("studio", "hello")
        while (event := await events.receive_json(timeout=5))["type"] != "message_create":
            assert event["type"] == "channel_update"
    assert event["message"]["content"] == "hello"


async def test_the_page_may_load_from_itself_only_and_uploads_run_nothing(
    browserless: aiohttp.ClientSession, local: LocalDiscord
) -> None:
    async with browserless.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy
    async with browserless.get("/web/js/app.js") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "javascript" in answer.headers["Content-Type"]
    async with browserless.get("/web/../page.py") as answer:
        assert answer.status == 404
    path = f"/playground/channels/{local.world.find_channel('studio').id}/messages"
    async with browserless.post(path, data=form({"as": local.person("Mia").id}, b"<svg onload=alert(1)>")) as answer:
        link = (await answer.json())["attachments"][0]["url"]
    async with browserless.get(link) as answer:
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
