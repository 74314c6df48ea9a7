"""Report: the log channel hears of a result, and moderators judge it there."""

from __future__ import annotations

import asyncio

from bot.playground.actors import Interaction
from tests.support.bench import Bench, Json, buttons, text_of
from tests.support.references import blobs, demote, said
from tests.support.studio import audit, closed, only_seen_by_them, press, refused


async def result_of(bench: Bench, prompt: str = "a lighthouse") -> Json:
    answer = await bench.imagine(prompt, ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return result


async def ask(bench: Bench, result: Json, by: str = "Noor") -> Interaction:
    """Press More and Report."""
    card = bench.card(await press(bench, result, "More", by=by))
    return await press(bench, card, "Report", by=by)


async def report(bench: Bench, result: Json, by: str = "Noor", reason: str = "not *nice* @here") -> str:
    form = await ask(bench, result, by)
    return only_seen_by_them(bench, await bench.person(by).submit(form, {"reason": reason}))


async def log_channel(bench: Bench) -> None:
    await bench.person("Sam").slash("studio", "manage log", {"channel": "showcase"})


async def told(bench: Bench) -> Json:
    """The report's card."""

    def card() -> Json | None:
        shown = bench.discord.messages("showcase")
        return next((each for each in shown if "reported a result" in text_of(each)), None)

    return await bench.until(card)


async def late_answers(bench: Bench, *answers: Interaction) -> list[str]:
    """What those who pressed read for themselves, once the card says what was decided."""

    def heard() -> list[str] | None:
        card = next(each for each in bench.discord.messages("showcase") if "reported a result" in text_of(each))
        own = [
            text_of(each)
            for answer in answers
            for each in bench.discord.person(answer.user_id).messages(answer.channel_id)
            if each.get("ephemeral") and "decided already" in text_of(each)
        ]
        return own if own and buttons(card)["Dismiss"]["disabled"] else None

    return await bench.until(heard)


async def judge(bench: Bench, label: str, words: str, by: str = "Sam") -> Json:
    """Press a verdict and wait until the card says so."""
    await press(bench, await told(bench), label, by=by)

    async def said_so() -> Json:
        def shown() -> Json | None:
            card = next(each for each in bench.discord.messages("showcase") if "reported a result" in text_of(each))
            return card if words in text_of(card) else None

        return await bench.until(shown)

    return await said_so()


async def test_a_report_reaches_the_moderators_who_delete_and_block(bench: Bench) -> None:
    await log_channel(bench)
    result = await result_of(bench)
    assert "moderators of this server were told" in await report(bench, result)
    card = await told(bench)
    noor, mia, sam = (bench.person(name).id for name in ("Noor", "Mia", "Sam"))
    assert f"**<@{noor}>** reported a result of <@{mia}>" in text_of(card)
    assert f"/{result['id']}" in text_of(card)
    assert "not *nice* @here" in text_of(card)
    assert list(buttons(card)) == ["Delete", "Block", "Dismiss"]

    card = await judge(bench, "Delete", f"**<@{sam}>** deleted it.")
    assert bench.results() == []
    assert blobs(bench.settings) == []
    assert buttons(card)["Delete"]["disabled"]
    await judge(bench, "Block", f"**<@{sam}>** blocked its requester.")
    await refused(bench, await bench.imagine("a dog"), "A moderator has blocked you")
    assert [entry.action for entry in await audit(bench)] == ["user.block", "result.delete", "guild.log"]


async def test_a_dismissed_report_changes_nothing(bench: Bench) -> None:
    await log_channel(bench)
    result = await result_of(bench)
    await report(bench, result)
    await judge(bench, "Dismiss", "dismissed the report")
    assert [each["id"] for each in bench.results() if each["id"] == result["id"]]
    assert [entry.action for entry in await audit(bench)] == ["report.dismiss", "guild.log"]


async def test_two_moderators_at_once_do_not_contradict_each_other(bench: Bench) -> None:
    await log_channel(bench)
    result = await result_of(bench)
    await report(bench, result)
    bench.discord.world.members[bench.person("Noor").id].role_ids.append(bench.discord.world.moderator_role_id)
    card = await told(bench)
    sam, noor = await asyncio.gather(press(bench, card, "Dismiss", by="Sam"), press(bench, card, "Delete", by="Noor"))
    late = [each for each in await late_answers(bench, sam, noor) if each]
    assert len(late) == 1
    trail = [entry.action for entry in await audit(bench) if entry.action != "guild.log"]
    assert trail in (["report.dismiss"], ["result.delete"])
    assert ("dismissed the report" if trail == ["report.dismiss"] else "deleted it.") in late[0]
    assert len(bench.results()) == (trail == ["report.dismiss"])
    assert all(each["disabled"] for label, each in buttons(await told(bench)).items() if label != "Block")


async def test_who_is_no_moderator_any_more_judges_nothing(bench: Bench) -> None:
    await log_channel(bench)
    await report(bench, await result_of(bench))
    card = await told(bench)
    demote(bench, "Sam")
    answer = await press(bench, card, "Delete", by="Sam")
    assert "Manage Server" in await said(bench, answer)
    assert len(bench.results()) == 1


async def test_without_a_log_channel_the_reporter_hears_whom_to_ask(bench: Bench) -> None:
    await refused(bench, await ask(bench, await result_of(bench)), "no log channel is chosen", "Write to a moderator")


async def test_a_result_is_reported_once_by_a_person(bench: Bench) -> None:
    await log_channel(bench)
    result = await result_of(bench)
    open_form = await ask(bench, result)
    await report(bench, result)
    await refused(bench, await ask(bench, result), "You reported this result already")
    late = await bench.person("Noor").submit(open_form, {"reason": "again"})
    await refused(bench, late, "You reported this result already")


async def test_five_results_an_hour_are_enough(bench: Bench) -> None:
    await log_channel(bench)
    results = [await result_of(bench, f"picture {number}") for number in range(6)]
    for result in results[:5]:
        await report(bench, result)
    await refused(bench, await ask(bench, results[5]), "You reported 5 results within the hour")
