"""Deleting results: message and bytes go for good, the books stay, and a kill in between leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.ledger import EntryKind
from bot.playground.actors import Interaction
from tests.support.bench import Bench, Json, text_of
from tests.support.references import blobs, said
from tests.support.studio import audit, closed, custom_ids, entries, forge, only_seen_by_them, records, refused

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def result_of(bench: Bench, prompt: str = "a lighthouse at dusk", count: int = 1) -> tuple[Interaction, Json]:
    """A result that is there, with the answer that it came of."""
    answer = await bench.imagine(prompt, ratio="1:1", count=count)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return answer, result


async def remove(bench: Bench, job: str, by: str = "Sam") -> str:
    """What `/manage delete` answers to its moderator alone."""
    answer = await bench.person(by).slash("studio", "manage delete", {"job": job})
    says = await said(bench, answer)
    only_seen_by_them(bench, answer)
    return says


async def test_a_moderator_deletes_a_result_found_by_its_prompt(bench: Bench) -> None:
    _, kept = await result_of(bench, "a harbour")
    before = set(blobs(bench.settings))
    answer, result = await result_of(bench, count=2)
    charged = await entries(bench.settings)
    found = await bench.person("Sam").autocomplete("studio", "manage delete", "job", "LIGHT")
    assert [(each["name"], each["value"]) for each in found] == [("#2 · a lighthouse at dusk", "2")]

    assert "the message and its pictures are gone" in await remove(bench, "2")
    assert [message["id"] for message in bench.results()] == [kept["id"]]
    assert bench.says(answer).startswith("**Deleted**")
    assert set(blobs(bench.settings)) == before
    assert await entries(bench.settings) == charged
    assert charged[EntryKind.CHARGE] == 3
    (entry,) = await audit(bench)
    assert (entry.action, entry.subject) == ("result.delete", "request:2")
    assert entry.before == {"requester": int(bench.person("Mia").id), "pictures": 2}

    await refused(bench, await forge(bench, kept, custom_ids(result)["Reroll"]), "not here any more")
    assert "the message and its pictures are gone" in await remove(bench, "#2")
    assert len(await audit(bench)) == 1


@pytest.mark.parametrize("job", ["7", "a lighthouse", "9" * 30])
async def test_what_is_no_result_here_cannot_be_deleted(bench: Bench, job: str) -> None:
    answer = await bench.person("Sam").slash("studio", "manage delete", {"job": job})
    assert "Nothing was charged" in await said(bench, answer)
    assert await audit(bench) == []


async def test_only_moderators_delete_by_command(bench: Bench) -> None:
    _, result = await result_of(bench)
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    await refused(bench, await bench.person("Noor").slash("studio", "manage delete", {"job": "1"}), "Manage Server")
    assert [message["id"] for message in bench.results()] == [result["id"]]


async def test_what_discord_did_not_take_down_goes_after_a_restart(bench: Bench) -> None:
    _, _ = await result_of(bench)
    bench.discord.faults.next("DELETE", MESSAGE, status=503, times=9)
    assert "as soon as Discord can be reached" in await remove(bench, "1")
    assert len(bench.results()) == 1
    assert blobs(bench.settings) == []
    await bench.stop()
    bench.discord.faults.clear()
    await bench.start()
    await bench.until(lambda: not bench.results())
    assert (await records(bench.settings))[0].deleted_at is not None


async def test_a_message_that_somebody_deleted_before_is_no_hindrance(bench: Bench) -> None:
    answer, result = await result_of(bench)
    core = bench.person()._core
    core.posting.delete(bench.person()._message(result["id"]))
    assert "the message and its pictures are gone" in await remove(bench, "1")
    assert "Deleted" in bench.says(answer)
    assert text_of(result)


class Gate:
    """Holds a job where its picture is stored and not yet in the books."""

    def __init__(self) -> None:
        self.reached_it, self.open = asyncio.Event(), asyncio.Event()

    async def reached(self, step: str) -> None:
        if step == "stored":
            self.reached_it.set()
            await self.open.wait()


async def test_a_picture_that_comes_out_the_same_meanwhile_is_not_lost(bench: Bench) -> None:
    first = await bench.imagine("a lighthouse", ratio="1:1", seed=7)
    await closed(bench, first)
    await bench.stop()
    gate = Gate()
    await bench.start(steps=gate)
    again = await bench.imagine("a lighthouse", ratio="1:1", seed=7)
    await gate.reached_it.wait()
    assert len(blobs(bench.settings)) == 1
    assert "the message and its pictures are gone" in await remove(bench, "1")
    gate.open.set()
    assert (await closed(bench, again)).startswith("**Done**")
    assert len(blobs(bench.settings)) == 1
    (result,) = bench.results()
    assert result["attachments"]
