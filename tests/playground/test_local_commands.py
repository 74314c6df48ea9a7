"""Registering commands keeps Discord's rules."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import LocalDiscord
from tests.playground.conftest import COMMANDS
from tests.support.raw_discord import RawBot


def everywhere(local: LocalDiscord, rest: str = "") -> str:
    return f"/applications/{local.world.application.id}/commands{rest}"


def here(local: LocalDiscord, rest: str = "") -> str:
    return f"/applications/{local.world.application.id}/guilds/{local.world.guild.id}/commands{rest}"


def slash(**parts: Any) -> dict[str, Any]:
    return {"name": "imagine", "description": "d"} | parts


def option(**parts: Any) -> dict[str, Any]:
    return {"type": 3, "name": "o", "description": "d"} | parts


def choices(count: int) -> list[dict[str, Any]]:
    return [{"name": str(number), "value": str(number)} for number in range(count)]


BREACHES = [
    (slash(name="Imagine"), {"0.name": ["APPLICATION_COMMAND_INVALID_NAME"]}),
    (slash(name="two words"), {"0.name": ["APPLICATION_COMMAND_INVALID_NAME"]}),
    (slash(name="x" * 33), {"0.name": ["BASE_TYPE_BAD_LENGTH", "APPLICATION_COMMAND_INVALID_NAME"]}),
    (slash(description=""), {"0.description": ["BASE_TYPE_REQUIRED"]}),
    (slash(description="x" * 101), {"0.description": ["BASE_TYPE_BAD_LENGTH"]}),
    (slash(type=9), {"0.type": ["BASE_TYPE_CHOICES"]}),
    (slash(contexts=[]), {"0.contexts": ["BASE_TYPE_BAD_LENGTH"]}),
    (slash(options=[option(name=f"o{n}") for n in range(26)]), {"0.options": ["BASE_TYPE_MAX_LENGTH"]}),
    (
        slash(options=[option(), option(name="p", required=True)]),
        {"0.options.1": ["APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"]},
    ),
    (slash(options=[option(), option()]), {"0.options.1.name": ["APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"]}),
    (slash(options=[option(type=12)]), {"0.options.0.type": ["BASE_TYPE_CHOICES"]}),
    (slash(options=[option(choices=choices(26))]), {"0.options.0.choices": ["BASE_TYPE_MAX_LENGTH"]}),
    (
        slash(options=[option(choices=choices(1), autocomplete=True)]),
        {"0.options.0.choices": ["APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES"]},
    ),
    (
        slash(options=[option(type=5, choices=[{"name": "a", "value": 1}])]),
        {"0.options.0.choices": ["APPLICATION_COMMAND_OPTION_CHOICES_TYPE_INVALID"]},
    ),
    (
        slash(options=[option(choices=[{"name": "x" * 101, "value": "x"}])]),
        {"0.options.0.choices.0.name": ["BASE_TYPE_BAD_LENGTH"]},
    ),
    (slash(options=[option(max_length=6001)]), {"0.options.0.max_length": ["NUMBER_TYPE_MAX"]}),
    (
        slash(options=[option(), {"type": 1, "name": "sub", "description": "d"}]),
        {"0.options": ["APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"]},
    ),
    (
        slash(
            options=[
                option(name=f"o{n}", description="x" * 100, choices=[{"name": "x" * 99, "value": "y" * 99}] * 1)
                for n in range(25)
            ]
        ),
        None,
    ),
    (
        slash(
            options=[
                option(name=f"o{n}", choices=[{"name": f"{m}" * 40, "value": "y" * 99} for m in range(10, 14)])
                for n in range(25)
            ]
        ),
        {"0": ["APPLICATION_COMMAND_TOO_LARGE"]},
    ),
    ({"name": "Menu", "type": 3, "description": "no"}, {"0.description": ["APPLICATION_COMMAND_INVALID_DESCRIPTION"]}),
    ({"name": "Menu", "type": 2, "options": [option()]}, {"0.options": ["APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS"]}),
]


@pytest.mark.parametrize(("command", "errors"), BREACHES)
async def test_a_bad_command_is_refused_at_its_place(
    local: LocalDiscord, bot: RawBot, command: dict[str, Any], errors: dict[str, list[str]] | None
) -> None:
    answer = await bot.request("PUT", everywhere(local), [command])
    if errors is None:
        assert answer.status == 200
    else:
        assert (answer.status, answer.code, answer.errors()) == (400, 50035, errors)


async def test_one_name_stands_once_for_each_type(local: LocalDiscord, bot: RawBot) -> None:
    twice = await bot.request("PUT", everywhere(local), [slash(), slash()])
    assert twice.errors() == {"1": ["APPLICATION_COMMANDS_DUPLICATE_NAME"]}
    menu = {"name": "imagine", "type": 3}
    assert len((await bot.request("PUT", everywhere(local), [slash(), menu])).body) == 2


async def test_there_are_at_most_so_many_commands_of_a_type(local: LocalDiscord, bot: RawBot) -> None:
    menus = [{"name": f"Menu {number}", "type": 3} for number in range(16)]
    answer = await bot.request("PUT", everywhere(local), menus)
    assert (answer.status, answer.code) == (400, 30032)
    assert (await bot.request("PUT", everywhere(local), menus[:15])).status == 200


async def test_ids_survive_a_second_registration_and_versions_do_not(local: LocalDiscord, bot: RawBot) -> None:
    first = (await bot.request("PUT", everywhere(local), COMMANDS)).body
    second = (await bot.request("PUT", everywhere(local), COMMANDS)).body
    assert [each["id"] for each in first] == [each["id"] for each in second]
    assert all(one["version"] != two["version"] for one, two in zip(first, second, strict=True))
    assert (await bot.request("GET", everywhere(local))).body == second


async def test_a_single_command_can_be_made_changed_and_removed(local: LocalDiscord, bot: RawBot) -> None:
    made = await bot.request("POST", everywhere(local), slash())
    assert made.status == 201
    assert (await bot.request("POST", everywhere(local), slash(description="new"))).status == 200
    one = everywhere(local, f"/{made.body['id']}")
    assert (await bot.request("PATCH", one, {"name": "paint"})).body["name"] == "paint"
    assert (await bot.request("PATCH", one, {"name": "Paint it"})).code == 50035
    assert (await bot.request("DELETE", one)).status == 204
    gone = await bot.request("GET", one)
    assert (gone.status, gone.code) == (404, 10063)


async def test_a_command_of_the_guild_hides_the_global_one(local: LocalDiscord, bot: RawBot) -> None:
    await bot.request("PUT", everywhere(local), [slash()])
    await bot.request("PUT", here(local), [slash(description="ours")])
    [shown] = local.state(local.person("Mia").id)["commands"]
    assert (shown["description"], shown["guild_id"]) == ("ours", local.world.guild.id)


async def test_other_applications_and_guilds_are_off_limits(local: LocalDiscord, bot: RawBot) -> None:
    assert (await bot.request("GET", "/applications/1/commands")).status == 403
    assert (await bot.request("GET", f"/applications/{local.world.application.id}/guilds/1/commands")).code == 50001
