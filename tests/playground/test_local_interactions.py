"""Interactions keep Discord's rules: three seconds, one answer, fifteen minutes, who sees what."""

from __future__ import annotations

import asyncio

import pytest

from bot.playground import ActionRefused, Answer, LocalDiscord, RateLimits, Upload
from tests.playground.conftest import COMMANDS
from tests.support.png import small_png
from tests.support.raw_discord import HandClock, RawBot, raw_bot

BUTTONS = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Reroll", "custom_id": "reroll"}]}]
MODAL = {
    "custom_id": "edit",
    "title": "Edit",
    "components": [
        {"type": 18, "label": "Prompt", "component": {"type": 4, "custom_id": "prompt", "style": 2, "value": "a cat"}},
        {
            "type": 18,
            "label": "Files",
            "component": {"type": 19, "custom_id": "files", "required": False, "max_values": 3},
        },
        {
            "type": 18,
            "label": "Shape",
            "component": {
                "type": 3,
                "custom_id": "shape",
                "options": [{"label": "Wide", "value": "16:9"}, {"label": "Tall", "value": "9:16", "default": True}],
            },
        },
        {"type": 18, "label": "Sure", "component": {"type": 23, "custom_id": "sure"}},
    ],
}


async def test_a_command_carries_what_discord_sends(local: LocalDiscord, online: RawBot) -> None:
    mia, noor = local.person("Mia"), local.person("Noor")
    values = {"prompt": "a cat", "image1": Upload("model.png", small_png(8, 4)), "seed": 7, "user": "Noor"}
    got, task = await online.interaction(mia.slash("#studio", "imagine", values))
    options = {option["name"]: option for option in got["data"]["options"]}
    assert options["seed"] == {"name": "seed", "type": 4, "value": 7}
    attachment = got["data"]["resolved"]["attachments"][options["image1"]["value"]]
    assert (attachment["width"], attachment["height"], attachment["content_type"]) == (8, 4, "image/png")
    assert "/ephemeral-attachments/" in attachment["url"]
    assert got["data"]["resolved"]["users"][noor.id]["username"] == "noor"
    assert got["guild_id"] == local.world.guild.id
    assert got["member"]["user"]["id"] == mia.id
    assert int(got["member"]["permissions"]) & 1 << 11
    assert int(got["app_permissions"]) & 1 << 15
    assert (got["context"], got["attachment_size_limit"]) == (0, 10 * 1024 * 1024)
    answer = await online.answer(got, 4, {"content": "on it"})
    record = await task
    assert (answer.status, record.response, record.error) == (200, Answer.MESSAGE, None)
    message = answer.body["resource"]["message"]
    assert message["id"] == record.message_id
    assert (message["type"], message["interaction_metadata"]["user"]["id"]) == (20, mia.id)


async def test_a_sub_command_is_nested(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Sam").slash("studio", "manage quota set", {"amount": 5}))
    assert got["data"]["options"] == [
        {
            "name": "quota",
            "type": 2,
            "options": [{"name": "set", "type": 1, "options": [{"name": "amount", "type": 4, "value": 5}]}],
        }
    ]
    assert (await online.answer(got, 4, {"content": "done", "flags": 64})).status == 200
    assert (await task).response is Answer.MESSAGE


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("imagine", {}),
        ("imagine", {"prompt": "x" * 1001}),
        ("imagine", {"prompt": "a", "ratio": "5:4"}),
        ("imagine", {"prompt": "a", "seed": 11}),
        ("imagine", {"prompt": "a", "seed": "many"}),
        ("imagine", {"prompt": "a", "spoiler": "yes"}),
        ("imagine", {"prompt": "a", "image1": "not a file"}),
        ("imagine", {"prompt": "a", "image1": Upload("big.png", b"0" * (10 * 1024 * 1024 + 1))}),
        ("imagine", {"prompt": "a", "nothing": 1}),
        ("imagine", {"prompt": "a", "user": "Nobody"}),
        ("manage quota set", {"amount": 1}),
        ("manage", {}),
        ("paint", {}),
    ],
)
async def test_what_discords_client_would_refuse_never_reaches_the_bot(
    local: LocalDiscord, online: RawBot, command: str, values: dict[str, object]
) -> None:
    with pytest.raises(ActionRefused):
        await local.person("Mia").slash("studio", command, values)
    assert local.interactions() == []


async def test_a_second_answer_is_refused(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    assert (await online.answer(got, 4, {"content": "one"})).status == 200
    again = await online.answer(got, 4, {"content": "two"})
    assert (again.status, again.code) == (400, 40060)
    await task


async def test_without_with_response_an_answer_has_no_body(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    path = f"/interactions/{got['id']}/{got['token']}/callback"
    answer = await online.request("POST", path, {"type": 4, "data": {"content": "hi"}})
    assert (answer.status, answer.body) == (204, None)
    await task


async def test_after_three_seconds_it_is_too_late() -> None:
    clock = HandClock()
    async with LocalDiscord.open(clock=clock, rate_limits=RateLimits.relaxed()) as local, raw_bot(local) as bot:
        await bot.request("PUT", f"/applications/{local.world.application.id}/commands", COMMANDS)
        await bot.connect()
        got, task = await bot.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
        clock.now += 3.01
        late = await bot.answer(got, 4, {"content": "sorry"})
        assert (late.status, late.code) == (404, 10062)
        record = await task
        assert (record.error, record.response) == ("The application did not respond", None)
        [note] = local.messages("studio", "Mia")
        assert (note["local"]["failed"], note["ephemeral"]) == ("The application did not respond", True)
        assert local.messages("studio", "Noor") == []
        local.person("Mia").dismiss(note["id"])
        assert local.messages("studio", "Mia") == []


async def test_the_person_is_told_when_nobody_answers() -> None:
    clock = HandClock()
    async with LocalDiscord.open(clock=clock) as local, raw_bot(local) as bot:
        await bot.connect()
        studio = local.world.find_channel("studio")
        made = await bot.request("POST", f"/channels/{studio.id}/messages", {"content": "x", "components": BUTTONS})
        got, task = await bot.interaction(local.person("Mia").press(made.body["id"], label="Reroll"))
        assert got["message"]["id"] == made.body["id"]
        clock.now += 4
        local.expire_due()
        assert (await task).error == "This interaction failed"
        assert local.messages("studio", "Mia")[0]["local"]["failed"] == "This interaction failed"
        assert local.messages("studio", "Noor")[0]["local"]["failed"] is None


async def test_with_no_bot_at_all_an_action_fails_at_once(local: LocalDiscord, bot: RawBot) -> None:
    await bot.request("PUT", f"/applications/{local.world.application.id}/commands", COMMANDS)
    record = await asyncio.wait_for(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}), 1)
    assert record.error == "The application did not respond"


async def test_a_token_lives_fifteen_minutes() -> None:
    clock = HandClock()
    async with LocalDiscord.open(clock=clock, rate_limits=RateLimits.relaxed()) as local, raw_bot(local) as bot:
        await bot.request("PUT", f"/applications/{local.world.application.id}/commands", COMMANDS)
        await bot.connect()
        got, task = await bot.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
        original = bot.hook(got, "/messages/@original")
        early = await bot.request("PATCH", original, {"content": "early"})
        assert (early.status, early.code) == (404, 10015)
        await bot.answer(got, 5)
        await task
        assert local.messages("studio")[0]["local"]["loading"] == "Atelier is thinking…"
        clock.now += 15 * 60 + 1
        late = await bot.request("PATCH", original, {"content": "late"})
        assert (late.status, late.code) == (401, 50027)
        assert local.messages("studio")[0]["local"] == {"loading": None, "failed": "The application did not respond"}


async def test_wrong_tokens_open_nothing(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    wrong = await online.answer({**got, "token": "x" * 20}, 4, {"content": "x"})
    assert wrong.code == 10062
    assert (await online.request("GET", online.hook({**got, "token": "x"}, "/messages/@original"))).code == 50027
    await online.answer(got, 4, {"content": "x"})
    await task


async def test_a_deferred_answer_is_filled_by_edit_or_by_the_first_follow_up(
    local: LocalDiscord, online: RawBot
) -> None:
    mia = local.person("Mia")
    got, task = await online.interaction(mia.slash("studio", "imagine", {"prompt": "a"}))
    deferred = await online.answer(got, 5)
    assert deferred.body["interaction"]["response_message_loading"] is True
    assert (await task).response is Answer.DEFERRED
    edited = await online.request("PATCH", online.hook(got, "/messages/@original"), {"content": "ready"})
    assert (edited.body["content"], edited.body["flags"] & 128, edited.body["edited_timestamp"]) == ("ready", 0, None)

    got, task = await online.interaction(mia.slash("studio", "imagine", {"prompt": "b"}))
    await online.answer(got, 5, {"flags": 64})
    record = await task
    first = await online.request("POST", online.hook(got), {"content": "for you"})
    assert first.body["id"] == record.message_id
    assert first.body["flags"] & 64
    second = await online.request("POST", online.hook(got), {"content": "and more"})
    assert second.body["id"] != record.message_id
    shown = [message["content"] for message in local.messages("studio", "Mia")]
    assert shown == ["ready", "for you", "and more"]
    assert [message["content"] for message in local.messages("studio", "Noor")] == ["ready", "and more"]


async def test_an_ephemeral_message_is_invisible_to_the_bot_token(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    await online.answer(got, 4, {"content": "only you", "flags": 64})
    record = await task
    studio = local.world.find_channel("studio")
    path = f"/channels/{studio.id}/messages"
    assert (await online.request("GET", path)).body == []
    for method in ("GET", "PATCH", "DELETE"):
        refused = await online.request(
            method, f"{path}/{record.message_id}", {"content": "x"} if method == "PATCH" else None
        )
        assert (refused.status, refused.code) == (404, 10008)
    assert (await online.request("GET", online.hook(got, "/messages/@original"))).body["content"] == "only you"
    assert (await online.request("DELETE", online.hook(got, "/messages/@original"))).status == 204
    assert local.messages("studio", "Mia") == []


async def test_a_component_can_update_its_message_or_answer_beside_it(local: LocalDiscord, online: RawBot) -> None:
    studio = local.world.find_channel("studio")
    path = f"/channels/{studio.id}/messages"
    made = (await online.request("POST", path, {"content": "x", "components": BUTTONS})).body["id"]
    mia = local.person("Mia")
    got, task = await online.interaction(mia.press(made, "reroll"))
    assert got["data"]["component_type"] == 2
    updated = await online.answer(got, 7, {"content": "y"})
    assert updated.body["resource"]["message"]["id"] == made
    assert (await task).response is Answer.UPDATE
    got, task = await online.interaction(mia.press(made, "reroll"))
    await online.answer(got, 6)
    assert (await task).response is Answer.DEFERRED
    assert (await online.request("PATCH", online.hook(got, "/messages/@original"), {"content": "z"})).body["id"] == made
    got, task = await online.interaction(mia.press(made, "reroll"))
    beside = (await online.answer(got, 4, {"content": "beside"})).body["resource"]["message"]
    await task
    assert (beside["type"], beside["message_reference"]["message_id"]) == (19, made)
    other = await online.request("PATCH", online.hook(got, f"/messages/{beside['id']}"), {"content": "changed"})
    assert other.body["content"] == "changed"
    foreign = (await online.request("POST", path, {"content": "foreign"})).body["id"]
    assert (await online.request("PATCH", online.hook(got, f"/messages/{foreign}"), {"content": "no"})).code == 10008


async def test_answers_must_fit_the_kind_of_interaction(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    for kind in (1, 6, 7, 8, 99):
        refused = await online.answer(got, kind, {"content": "x"})
        assert refused.errors() == {"type": ["BASE_TYPE_CHOICES"]}
    await online.answer(got, 4, {"content": "x"})
    await task


async def test_autocomplete_offers_choices(local: LocalDiscord, online: RawBot) -> None:
    mia = local.person("Mia")
    typing = mia.autocomplete("studio", "imagine", "size", "18", {"prompt": "a"})
    got, task = await online.interaction(typing)
    assert got["type"] == 4
    assert {"name": "size", "type": 3, "value": "18", "focused": True} in got["data"]["options"]
    too_many = [{"name": str(number), "value": str(number)} for number in range(26)]
    assert (await online.answer(got, 8, {"choices": too_many})).errors() == {"data.choices": ["BASE_TYPE_MAX_LENGTH"]}
    wrong = await online.answer(got, 8, {"choices": [{"name": "x" * 101, "value": 5}]})
    assert set(wrong.errors()) == {"data.choices.0.name", "data.choices.0.value"}
    choices = [{"name": "Wide", "value": "1808:768"}]
    assert (await online.answer(got, 8, {"choices": choices})).status == 200
    assert await task == choices


async def test_a_modal_is_opened_filled_in_and_answered(local: LocalDiscord, online: RawBot) -> None:
    mia = local.person("Mia")
    got, task = await online.interaction(mia.slash("studio", "imagine", {"prompt": "a"}))
    assert (await online.answer(got, 9, MODAL)).status == 200
    opened = await task
    assert (opened.response, opened.modal["title"]) == (Answer.MODAL, "Edit")
    with pytest.raises(ActionRefused):
        await mia.submit(opened, {"nothing": "x"})
    with pytest.raises(ActionRefused):
        await local.person("Noor").submit(opened, {})
    fields = {"prompt": "a dog", "files": [Upload("a.png", small_png(2, 2))], "shape": ["16:9"], "sure": True}
    got, task = await online.interaction(mia.submit(opened.id, fields))
    given = {each["component"]["custom_id"]: each["component"] for each in got["data"]["components"]}
    assert (given["prompt"]["value"], given["shape"]["values"], given["sure"]["value"]) == ("a dog", ["16:9"], True)
    assert list(got["data"]["resolved"]["attachments"]) == given["files"]["values"]
    assert (await online.answer(got, 9, MODAL)).errors() == {"type": ["BASE_TYPE_CHOICES"]}
    made = await online.answer(got, 4, {"content": "done"})
    metadata = made.body["resource"]["message"]["interaction_metadata"]
    assert (metadata["type"], metadata["triggering_interaction_metadata"]["id"]) == (5, opened.id)
    await task


async def test_a_message_menu_shows_the_bot_the_message_even_without_the_intent(
    local: LocalDiscord, online: RawBot
) -> None:
    said = await local.person("Noor").say("studio", "look", [Upload("cat.png", small_png(3, 3))])
    got, task = await online.interaction(local.person("Mia").menu("Use as reference", said["id"]))
    target = got["data"]["resolved"]["messages"][got["data"]["target_id"]]
    assert (target["content"], target["attachments"][0]["filename"]) == ("look", "cat.png")
    made = await online.answer(got, 4, {"content": "ok"})
    assert made.body["resource"]["message"]["interaction_metadata"]["target_message_id"] == said["id"]
    await task


async def test_a_user_menu_resolves_the_member(local: LocalDiscord, online: RawBot) -> None:
    got, task = await online.interaction(local.person("Mia").menu("Show quota", "Noor"))
    target = got["data"]["target_id"]
    assert target == local.person("Noor").id
    assert set(got["data"]["resolved"]) == {"users", "members"}
    await online.answer(got, 4, {"content": "ok", "flags": 64})
    await task


async def test_commands_work_in_direct_messages_where_they_may(local: LocalDiscord, online: RawBot) -> None:
    mia = local.person("Mia")
    got, task = await online.interaction(mia.slash("dm", "imagine", {"prompt": "a"}))
    assert (got["user"]["id"], got["context"], "member" in got, "guild_id" in got) == (mia.id, 1, False, False)
    await online.answer(got, 4, {"content": "in private"})
    await task
    assert local.messages(mia.dm, "Mia")[-1]["content"] == "in private"
    with pytest.raises(ActionRefused):
        await local.person("Sam").slash("dm", "manage quota set", {"amount": 1})


async def test_a_bad_message_in_an_answer_is_reported_under_data_and_can_be_repeated(
    local: LocalDiscord, online: RawBot
) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    bad = await online.answer(got, 4, {"content": "x" * 2001})
    assert bad.errors() == {"data.content": ["BASE_TYPE_MAX_LENGTH"]}
    assert (await online.answer(got, 4, {"content": "x"})).status == 200
    await task


async def test_disabled_and_missing_buttons_cannot_be_pressed(local: LocalDiscord, online: RawBot) -> None:
    studio = local.world.find_channel("studio")
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": True}]}
    made = await online.request("POST", f"/channels/{studio.id}/messages", {"content": "x", "components": [row]})
    for label in ("Off", "On"):
        with pytest.raises(ActionRefused):
            await local.person("Mia").press(made.body["id"], label=label)


async def test_a_select_menu_sends_its_values(local: LocalDiscord, online: RawBot) -> None:
    studio = local.world.find_channel("studio")
    select = {"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]}
    people = {"type": 5, "custom_id": "who"}
    rows = [{"type": 1, "components": [select]}, {"type": 1, "components": [people]}]
    made = await online.request("POST", f"/channels/{studio.id}/messages", {"content": "x", "components": rows})
    mia = local.person("Mia")
    got, task = await online.interaction(mia.choose(made.body["id"], "pick", ["b"]))
    assert (got["data"]["component_type"], got["data"]["values"]) == (3, ["b"])
    await online.answer(got, 6)
    await task
    got, task = await online.interaction(mia.choose(made.body["id"], "who", ["Noor"]))
    assert got["data"]["values"] == list(got["data"]["resolved"]["users"])
    await online.answer(got, 6)
    await task
    for custom_id, values in (("pick", ["c"]), ("pick", ["a", "b"]), ("pick", [])):
        with pytest.raises(ActionRefused):
            await mia.choose(made.body["id"], custom_id, values)
