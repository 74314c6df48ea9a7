"""`/manage quota`: moderators set, give and reset; the right is asked for at every step, and every change is noted."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import aiohttp
import pytest

from bot.domain.ledger import EntryKind
from bot.playground.actors import ActionRefused, Interaction
from bot.playground.permissions import Permission
from tests.support.bench import Bench, buttons
from tests.support.studio import audit, closed, entries, only_seen_by_them, press, quota_left, refused

WEEKLY: dict[str, Any] = {"amount": 3, "unit": "images", "per": "week"}


async def manage(bench: Bench, what: str, by: str = "Sam", **options: Any) -> Interaction:
    """A `/manage quota` command."""
    return await bench.person(by).slash("studio", f"manage quota {what}", options)


async def confirmed(bench: Bench, question: Interaction, by: str = "Sam") -> str:
    """Press Confirm below a question; what stands in its place then."""
    card = bench.card(question)
    assert list(buttons(card)) == ["Confirm"]
    await press(bench, card, "Confirm", by=by)
    return only_seen_by_them(bench, question)


def open_to_all(bench: Bench) -> None:
    """Let Discord offer `/manage` to everyone, as a server's owner can in its settings."""
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None


async def give_role(bench: Bench, role: str, *names: str) -> str:
    """Give people a role that the bot knows of; its id."""
    await bench.stop()
    made = bench.discord.world.add_role(role, 0)
    for name in names:
        bench.discord.world.members[bench.person(name).id].role_ids.append(made.id)
    await bench.start()
    return made.id


async def test_a_moderator_sets_the_quota_of_one_person(bench: Bench) -> None:
    mia = bench.person("Mia").id
    answer = await manage(bench, "set", **WEEKLY, user="Mia", at_once=1)
    assert only_seen_by_them(bench, answer) == f"Quota of <@{mia}> is now 3 images a week, 1 at once."
    says = only_seen_by_them(bench, await bench.person().slash("studio", "quota"))
    assert "3 of your 3 left this week" in says
    assert f"Rule: 3 images a week, 1 at once, 10 more may wait. This rule is for <@{mia}> alone." in says
    assert await quota_left(bench, "Noor") == (10, 10)
    (entry,) = await audit(bench)
    assert (entry.action, entry.subject, entry.actor_id) == ("quota.set", f"user:{mia}", int(bench.person("Sam").id))
    assert (entry.before, entry.after and entry.after["amount"]) == (None, 3)


async def test_the_card_of_a_picture_counts_in_the_window_of_its_rule(bench: Bench) -> None:
    await manage(bench, "set", **WEEKLY, user="Mia")
    answer = await bench.imagine("a cat", ratio="1:1")
    assert "2 of your 3 left this week" in bench.says(answer)
    await closed(bench, answer)


async def test_a_change_for_everyone_asks_first(bench: Bench) -> None:
    question = await manage(bench, "set", amount=5, unit="images", per="day")
    assert "Set the quota of **everyone** to 5 images a day, 2 at once?" in only_seen_by_them(bench, question)
    assert await quota_left(bench) == (10, 10)
    assert await audit(bench) == []
    assert await confirmed(bench, question) == "Quota of everyone is now 5 images a day, 2 at once."
    assert buttons(bench.card(question)) == {}
    assert await quota_left(bench) == (5, 5)
    assert [entry.subject for entry in await audit(bench)] == ["everyone:0"]


async def test_a_role_has_its_own_quota_and_the_most_generous_one_wins(bench: Bench) -> None:
    role = await give_role(bench, "Patrons", "Mia")
    question = await manage(bench, "set", amount=20, unit="images", per="day", role="Patrons")
    assert f"Set the quota of **<@&{role}>** to 20 images a day" in bench.says(question)
    await confirmed(bench, question)
    assert await quota_left(bench, "Mia") == (20, 20)
    assert await quota_left(bench, "Noor") == (10, 10)
    shown = only_seen_by_them(bench, await manage(bench, "show", role="Patrons"))
    assert f"Quota of <@&{role}>" in shown
    assert "Rule: 20 images a day" in shown


async def test_the_question_says_how_many_people_it_touches_and_whose_number_that_is(bench: Bench) -> None:
    world = bench.discord.world
    everyone = bench.says(await manage(bench, "reset"))
    assert f"This touches about {len(world.members)} people: Discord's count of this server's members" in everyone
    await give_role(bench, "Patrons", "Mia", "Noor")
    # Discord tells how many have a role only those who may manage roles.
    assert "0 of them have asked me for pictures so far" in bench.says(await manage(bench, "reset", role="Patrons"))
    await closed(bench, await bench.imagine("a cat"))
    assert "One of them has asked me for pictures so far" in bench.says(await manage(bench, "reset", role="Patrons"))
    own = next(role for role in world.roles.values() if role.bot_id)
    own.permissions |= Permission.MANAGE_ROLES
    assert "2 people: Discord's count of who has this role" in bench.says(await manage(bench, "reset", role="Patrons"))


async def test_all_rules_are_listed_and_given_as_a_table(bench: Bench) -> None:
    role = await give_role(bench, "=Patrons", "Mia")
    mia = bench.person("Mia").id
    assert "**the bot's default** · 10 images a day, 2 at once" in bench.says(await manage(bench, "list"))
    await confirmed(bench, await manage(bench, "set", amount=5, unit="images", per="hour", role="=Patrons"))
    await manage(bench, "set", **WEEKLY, user="Mia", cooldown=30)
    await confirmed(bench, await manage(bench, "grant", amount=2, role="=Patrons"))
    listed = only_seen_by_them(bench, await manage(bench, "list"))
    assert f"**<@&{role}>** · 5 images an hour, 2 at once, 10 more may wait." in listed
    assert f"**<@{mia}>** · 3 images a week, 2 at once, 10 more may wait. At least 30 s between two requests." in listed
    assert "Days begin at midnight in UTC." in listed
    exported = await manage(bench, "export")
    assert "2 rules, beside the bot's default." in only_seen_by_them(bench, exported)
    (file,) = bench.card(exported)["attachments"]
    assert file["filename"] == "quotas.csv"
    async with aiohttp.ClientSession() as http, http.get(file["url"]) as answer:
        rows = list(csv.DictReader(io.StringIO(await answer.text())))
    assert [row["applies_to"] for row in rows] == ["default", "role", "user"]
    assert (rows[1]["id"], rows[1]["name"], rows[1]["granted_units"]) == (role, "'=Patrons", "2")
    assert (rows[2]["id"], rows[2]["per"], rows[2]["cooldown_seconds"]) == (mia, "week", "30")


async def test_days_begin_at_the_servers_midnight(bench: Bench) -> None:
    def starts_anew(says: str) -> int:
        found = re.search(r"Starts anew <t:(\d+):R>", says)
        assert found is not None, says
        return int(found[1])

    sam = bench.person("Sam")
    offered = await sam.autocomplete("studio", "manage defaults", "timezone", "kathm")
    assert [choice["value"] for choice in offered] == ["Asia/Kathmandu"]
    says = only_seen_by_them(bench, await sam.slash("studio", "manage defaults", {"timezone": "asia/kathmandu"}))
    assert "Time zone: **Asia/Kathmandu**" in says
    quota = bench.says(await bench.person("Mia").slash("studio", "quota"))
    # Nepal is 5:45 ahead: its midnight is at a quarter past six in the evening.
    assert starts_anew(quota) % 86_400 == 18 * 3600 + 15 * 60
    await refused(
        bench,
        await sam.slash("studio", "manage defaults", {"timezone": "Moon/Base"}),
        "There is no time zone called “`Moon/Base`”",
    )
    assert [entry.action for entry in await audit(bench)] == ["guild.defaults"]


async def test_granted_pictures_come_on_top(bench: Bench) -> None:
    mia = bench.person("Mia").id
    answer = await manage(bench, "grant", amount=5, user="Mia")
    assert only_seen_by_them(bench, answer) == f"<@{mia}> got 5 extra images."
    says = only_seen_by_them(bench, await bench.person().slash("studio", "quota"))
    assert "15 of your 10 left today" in says
    assert "5 of these are extra and stay until they are used." in says
    assert [entry.action for entry in await audit(bench)] == ["quota.grant"]
    assert await entries(bench.settings) == {EntryKind.GRANT: 1}


async def test_a_grant_for_everyone_is_for_each_person_after_confirming(bench: Bench) -> None:
    question = await manage(bench, "grant", amount=2)
    assert "Give 2 extra images to each member of **everyone**?" in bench.says(question)
    assert await confirmed(bench, question) == "everyone got 2 extra images."
    assert await quota_left(bench, "Mia") == (12, 10)
    assert await quota_left(bench, "Noor") == (12, 10)


async def test_a_reset_lets_the_day_start_anew(bench: Bench) -> None:
    await closed(bench, await bench.imagine("a cat", ratio="1:1"))
    assert await quota_left(bench) == (9, 10)
    mia = bench.person("Mia").id
    answer = await manage(bench, "reset", user="Mia")
    assert only_seen_by_them(bench, answer) == f"The window of <@{mia}> starts anew from now on."
    assert await quota_left(bench) == (10, 10)
    assert [entry.action for entry in await audit(bench)] == ["quota.reset"]


async def test_a_reset_for_everyone_asks_first(bench: Bench) -> None:
    await closed(bench, await bench.imagine("a cat", ratio="1:1"))
    question = await manage(bench, "reset")
    assert await quota_left(bench) == (9, 10)
    assert await confirmed(bench, question) == "The window of everyone starts anew from now on."
    assert await quota_left(bench) == (10, 10)


async def test_a_moderator_sees_the_quota_of_others(bench: Bench) -> None:
    await closed(bench, await bench.imagine("a cat", ratio="1:1"))
    mia = bench.person("Mia").id
    says = only_seen_by_them(bench, await manage(bench, "show", user="Mia"))
    assert f"Quota of <@{mia}>" in says
    assert "**9 of 10 left today** (images)" in says
    everyone = only_seen_by_them(bench, await manage(bench, "show"))
    assert "Quota of everyone" in everyone
    assert "Rule: 10 images a day" in everyone


async def test_discord_does_not_offer_the_commands_to_members(bench: Bench) -> None:
    with pytest.raises(ActionRefused):
        await manage(bench, "show", by="Mia")


@pytest.mark.parametrize(
    ("what", "options"),
    [("set", WEEKLY), ("set", {**WEEKLY, "user": "Mia"}), ("grant", {"amount": 5}), ("reset", {}), ("show", {})],
)
async def test_a_member_whom_discord_lets_through_is_refused_all_the_same(
    bench: Bench, what: str, options: dict[str, Any]
) -> None:
    open_to_all(bench)
    await refused(bench, await manage(bench, what, by="Mia", **options), "Manage Server")
    assert await quota_left(bench) == (10, 10)
    assert await audit(bench) == []


@pytest.mark.parametrize(("what", "options"), [("set", WEEKLY), ("grant", {"amount": 5}), ("reset", {})])
async def test_who_lost_the_right_between_question_and_confirm_is_refused(
    bench: Bench, what: str, options: dict[str, Any]
) -> None:
    question = await manage(bench, what, **options)
    world = bench.discord.world
    world.members[bench.person("Sam").id].role_ids.remove(world.moderator_role_id)
    answer = await press(bench, bench.card(question), "Confirm", by="Sam")
    await refused(bench, answer, "Manage Server")
    assert await quota_left(bench) == (10, 10)
    assert await audit(bench) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({**WEEKLY, "amount": -1}, "0 or more"),
        ({**WEEKLY, "at_once": 0}, "between 1 and 100"),
        ({**WEEKLY, "cooldown": -5}, "between 0 and 86400"),
        ({**WEEKLY, "user": "Mia", "role": "Moderator"}, "either a user or a role"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(
    bench: Bench, options: dict[str, Any], words: str
) -> None:
    await refused(bench, await manage(bench, "set", **options), words)
    assert await audit(bench) == []


async def test_a_quota_of_nothing_stops_a_person(bench: Bench) -> None:
    await manage(bench, "set", amount=0, unit="images", per="day", user="Mia")
    await refused(bench, await bench.imagine("a cat"), "you have 0 of 0 left today")
