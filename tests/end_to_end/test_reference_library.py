"""The library behind `@name`: saved once, used by name in every prompt, looked through, and gone when deleted."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.domain.library import Library, Scope
from bot.playground.actors import ActionRefused, Upload
from bot.store.library import LibraryStore
from tests.support.bench import Bench, Json, buttons, galleries, text_of
from tests.support.references import (
    BLUE,
    RED,
    blobs,
    demote,
    is_plain,
    listed,
    made,
    plain,
    reference,
    said,
    save,
    sha256s,
)
from tests.support.studio import (
    audit,
    closed,
    custom_ids,
    forge,
    only_seen_by_them,
    open_studio,
    press,
    quota_left,
    read_store,
    refused,
)


async def test_a_saved_reference_is_used_by_its_name_as_if_it_were_attached(bench: Bench) -> None:
    says = await save(bench, "Mascot", plain(RED, "any name.png"))
    assert "Saved as `@Mascot`" in says
    by_name = await bench.imagine("@mascot in a garden", ratio="1:1", seed=7)
    assert "with @mascot" in bench.says(by_name)
    assert "names no reference" not in bench.says(by_name)
    named = await made(bench, by_name)
    attached = await made(
        bench, await bench.imagine("@mascot in a garden", ratio="1:1", seed=7, image1=plain(RED, "mascot.png"))
    )
    assert [(each.tag, each.ready) for each in named.request.references] == [("mascot", True)]
    assert sha256s(named) == sha256s(attached)
    # The painter paints with what it was given: with the same reference it is the same picture.
    assert [each.sha256 for each in named.outputs] == [each.sha256 for each in attached.outputs]
    without = await made(bench, await bench.imagine("@nobody in a garden", ratio="1:1", seed=7))
    assert [each.sha256 for each in without.outputs] != [each.sha256 for each in named.outputs]


async def test_names_work_in_direct_messages_with_turbo_and_beside_attached_pictures(bench: Bench) -> None:
    await save(bench, "mascot", plain(RED))
    turbo = await made(bench, await bench.imagine("@mascot waves --turbo", channel="dm", ratio="1:1"))
    assert [each.tag for each in turbo.request.references] == ["mascot"]
    answer = await bench.imagine("@mascot and @image1", ratio="1:1", image1=plain(BLUE))
    both = await made(bench, answer)
    assert [each.tag for each in both.request.references] == ["image1", "mascot"]
    own = await made(bench, await bench.imagine("@mascot", ratio="1:1", image1=plain(BLUE, "mascot.png")))
    assert sha256s(own) == sha256s(both)[:1], "the tag of an attached picture comes before a saved name"


async def test_more_than_three_in_all_are_refused_and_nothing_is_charged(bench: Bench) -> None:
    await save(bench, "mascot", plain(RED))
    files: dict[str, Any] = {f"image{number}": plain(BLUE, f"{number}.png") for number in (1, 2, 3)}
    answer = await bench.imagine("@mascot", **files)
    await refused(bench, answer, "4 reference pictures are too many: at most 3")
    assert await quota_left(bench) == (10, 10)


async def test_other_peoples_names_mean_nothing_and_the_servers_mean_the_same_to_all(bench: Bench) -> None:
    await save(bench, "mascot", plain(RED), by="Mia")
    strange = await bench.imagine("@mascot", ratio="1:1", by="Noor")
    assert "@mascot names no reference, so it stayed text." in bench.says(strange)
    assert sha256s(await made(bench, strange)) == []
    await refused(bench, await reference(bench, "show", by="Noor", name="mascot"), "no saved reference called “mascot”")
    await refused(bench, await reference(bench, "delete", by="Noor", name="mascot"), "no saved reference")

    assert "for this server" in await save(bench, "mascot", plain(BLUE), by="Sam", scope="server")
    theirs = await made(bench, await bench.imagine("@mascot", ratio="1:1", by="Noor"))
    own = await made(bench, await bench.imagine("@mascot", ratio="1:1", by="Mia"))
    assert len({*sha256s(theirs), *sha256s(own)}) == 2, "one's own comes before the server's"
    alone = await bench.imagine("@mascot", ratio="1:1", by="Noor", channel="dm")
    assert "names no reference" in bench.says(alone), "a server's names mean nothing outside"
    await closed(bench, alone)


async def test_only_moderators_change_what_is_the_servers(bench: Bench) -> None:
    await save(bench, "logo", plain(BLUE), by="Sam", scope="server")
    image = plain(RED)
    for answer in (
        await reference(bench, "save", name="other", image=image, scope="server"),
        await reference(bench, "rename", name="logo", new_name="mine"),
        await reference(bench, "delete", name="logo"),
    ):
        await refused(bench, answer, "needs the permission *Manage Server*")
    await refused(
        bench,
        await reference(bench, "save", by="Sam", channel="dm", name="other", image=image, scope="server"),
        "only where the bot is a member of the server",
    )
    renamed = await reference(bench, "rename", by="Sam", name="logo", new_name="brand", scope="server")
    assert "`@logo` is now `@brand`" in bench.says(renamed)
    question = await reference(bench, "delete", by="Sam", name="brand")
    assert "Nobody in this server can use it any more" in only_seen_by_them(bench, question)
    demote(bench, "Sam")
    pressed = await press(bench, bench.card(question), "Confirm", by="Sam")
    await refused(bench, pressed, "Manage Server")
    assert "`@brand`" in await listed(bench)
    changes = [(each.action, each.before, each.after) for each in await audit(bench)]
    assert changes == [
        ("guild.references", {"reference": "@logo"}, {"reference": "@brand"}),
        ("guild.references", None, {"reference": "@logo"}),
    ]


async def test_a_confirmed_deletion_takes_the_servers_reference_away_once(bench: Bench) -> None:
    await save(bench, "logo", plain(BLUE), by="Sam", scope="server")
    question = await reference(bench, "delete", by="Sam", name="server:logo")
    card = bench.card(question)
    pressed = await press(bench, card, "Confirm", by="Sam")
    assert "`@logo` and its picture are deleted" in bench.says(question)
    assert pressed.error is None
    public = await bench.result_in_thread_of(await bench.imagine("a dog", ratio="1:1", by="Sam"))
    again = await forge(bench, public, custom_ids(card)["Confirm"], by="Sam")
    await refused(bench, again, "not here any more")
    assert (await audit(bench))[0].after is None
    assert "Nothing is saved here yet" in await listed(bench)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ab", "3 to 16 letters"),
        ("my cat", "3 to 16 letters"),
        ("image2", "already means something"),
        ("Here", "already"),
    ],
)
async def test_a_name_that_cannot_be_used_is_refused_with_a_sentence(bench: Bench, name: str, words: str) -> None:
    await refused(bench, await reference(bench, "save", name=name, image=plain(RED)), words)


async def test_a_taken_name_is_refused_and_the_picture_stays(bench: Bench) -> None:
    await save(bench, "mascot", plain(RED))
    answer = await reference(bench, "save", name="@MASCOT", image=plain(BLUE))
    await refused(bench, answer, "You already have a reference called “MASCOT”")
    await save(bench, "other", plain(BLUE))
    await refused(bench, await reference(bench, "rename", name="other", new_name="Mascot"), "You already have")
    assert "is now `@Other`" in bench.says(await reference(bench, "rename", name="other", new_name="Other"))
    (content,) = [each for each in await pictures_of(bench, "mascot")]
    assert is_plain(content, RED)


async def pictures_of(bench: Bench, name: str, **options: Any) -> list[bytes]:
    """The files that `/reference show` answers with."""
    card = bench.card(await reference(bench, "show", name=name, **options))
    assert galleries(card)[0]["description"].startswith("Saved reference ")
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        return [await (await session.get(each["url"])).read() for each in card["attachments"]]


async def test_two_saves_of_the_same_name_at_once_keep_one(bench: Bench) -> None:
    answers = await asyncio.gather(
        *(
            reference(bench, "save", name=name, image=plain(RED, side=64 + n))
            for n, name in enumerate(["fox", "Fox"] * 3)
        )
    )
    says = [await said(bench, answer) for answer in answers]
    assert sorted(each.startswith("Saved as") for each in says) == [False] * 5 + [True]
    assert all("You already have a reference called" in each for each in says if not each.startswith("Saved as"))
    mine = Library(scope=Scope.ME, id=int(bench.person().id))
    assert await read_store(bench.settings, lambda tx: LibraryStore().count(tx, [mine])) == 1


async def test_a_file_that_is_no_picture_is_refused_with_its_name_and_nothing_is_kept(bench: Bench) -> None:
    answer = await reference(bench, "save", name="mascot", image=Upload("notes.png", b"just words"))
    assert "“notes.png” is not a picture" in await said(bench, answer)
    assert blobs(bench.settings) == []
    await refused(
        bench, await reference(bench, "save", name="mascot", image=Upload("a.gif", b"GIF89a" + bytes(20))), "a.gif"
    )


async def test_a_library_holds_as_much_as_the_operator_says(tmp_path: Path) -> None:
    async with open_studio(tmp_path, references={"per_person": 2, "per_server": 0}) as bench:
        for name in ("one", "two"):
            await save(bench, name, plain(RED))
        answer = await reference(bench, "save", name="three", image=plain(RED))
        await refused(bench, answer, "You have 2 saved references; more than 2 cannot be kept")
        await save(bench, "one", plain(RED), by="Noor")
        full = await reference(bench, "save", by="Sam", name="logo", image=plain(RED), scope="server")
        await refused(bench, full, "This server has 0 saved references")
        assert "are deleted" in bench.says(await reference(bench, "delete", name="one"))
        await save(bench, "three", plain(RED))


async def test_deleting_is_real(bench: Bench) -> None:
    await save(bench, "mascot", plain(RED))
    await save(bench, "keeper", plain(BLUE))
    first = await bench.imagine("@mascot on a hill", ratio="1:1")
    result = await bench.result_in_thread_of(first)
    (sha256,) = sha256s(await made(bench, first))
    before = blobs(bench.settings)
    assert sum(is_plain(content, RED) for content in before) == 2, "the copy and its preview"
    deleted = await reference(bench, "delete", name="mascot")
    assert "`@mascot` and its picture are deleted" in only_seen_by_them(bench, deleted)

    after = blobs(bench.settings)
    assert [is_plain(content, RED) for content in after].count(True) == 0
    assert sum(is_plain(content, BLUE) for content in after) == 2
    assert [content for content in before if content not in after and not is_plain(content, RED)] == []
    database = Path(bench.settings.database.url.partition("///")[2])
    with closing(sqlite3.connect(database)) as connection:
        dump = "\n".join(connection.iterdump())
    assert sha256
    assert sha256 not in dump
    assert "'mascot'" not in dump.replace("'mascot','@mascot'", ""), "only the old request says how it was called"

    # What is gone cannot be used again, and costs nothing.
    await refused(bench, await press(bench, result, "Reroll"), "cannot be fetched any more")
    plain_text = await bench.imagine("@mascot", ratio="1:1")
    assert "names no reference" in bench.says(plain_text)
    await closed(bench, plain_text)


async def test_what_an_unfinished_job_needs_stays_until_it_is_over(tmp_path: Path) -> None:
    async with open_studio(tmp_path, providers={"sketch": {"seconds": 3.0}}) as bench:
        await save(bench, "mascot", plain(RED))
        answer = await bench.imagine("@mascot on a hill", ratio="1:1")
        await reference(bench, "delete", name="mascot")
        assert "Nothing is saved here yet" in await listed(bench)
        assert len([content for content in blobs(bench.settings) if is_plain(content, RED)]) == 1
        assert (await closed(bench, answer)).startswith("**Done")


async def test_a_result_keeps_its_very_picture_when_the_name_goes_to_another(bench: Bench) -> None:
    await save(bench, "mascot", plain(RED))
    first = await bench.imagine("@mascot and @later", ratio="1:1")
    result = await bench.result_in_thread_of(first)
    red = sha256s(await made(bench, first))
    await reference(bench, "rename", name="mascot", new_name="oldie")
    await save(bench, "mascot", plain(BLUE))
    await save(bench, "later", plain(BLUE))
    again = await made(bench, await press(bench, result, "3:4"))
    assert sha256s(again) == red, "a button makes the same request: no name is looked up again"
    assert sha256s(await made(bench, await press(bench, result, "Reroll", by="Noor"))) == red


async def test_the_list_is_a_gallery_to_page_through_also_after_a_restart(bench: Bench) -> None:
    await keep_many(bench, [f"ref_{number:02}" for number in range(23)])
    answer = await reference(bench, "list")
    first = bench.card(answer)
    assert first["ephemeral"]
    assert [each["description"] for each in galleries(first)] == [f"Saved reference ref_{n:02}" for n in range(10)]
    assert "`@ref_09` · yours" in text_of(first)
    assert "Page 1 of 3 · 23 of yours" in text_of(first)
    assert buttons(first)["Previous"]["disabled"]
    assert len(first["attachments"]) == 10
    await bench.stop()
    await bench.start()
    await press(bench, first, "Next")
    await press(bench, bench.card(answer), "Next")
    last = bench.card(answer)
    assert [each["description"] for each in galleries(last)] == [f"Saved reference ref_{n:02}" for n in (20, 21, 22)]
    assert len(last["attachments"]) == 3
    assert buttons(last)["Next"]["disabled"]
    await press(bench, last, "Previous")
    assert "Page 2 of 3" in bench.says(answer)


async def keep_many(bench: Bench, names: list[str], *, by: str = "Mia", scope: str = "me") -> None:
    for name in names:
        await save(bench, name, plain(RED), by=by, scope=scope)


async def test_names_are_offered_while_they_are_typed_ones_own_first(bench: Bench) -> None:
    await keep_many(bench, ["cat", "catfish", "dog"])
    await keep_many(bench, ["Cat", "lion"], by="Sam", scope="server")

    async def offered(text: str, **others: Any) -> list[tuple[str, str]]:
        found = await bench.person().autocomplete("studio", "reference show", "name", text, others)
        return [(each["name"], each["value"]) for each in found]

    both = [("cat · yours", "me:cat"), ("catfish · yours", "me:catfish"), ("Cat · this server's", "server:Cat")]
    assert await offered("@CAT") == both
    assert await offered("cat", scope="server") == both[2:]
    assert await offered("nothing") == []
    shown = [await reference(bench, "show", name=value) for _, value in (both[0], both[2])]
    assert ["this server's" in bench.says(each) for each in shown] == [False, True]
    await keep_many(bench, [f"extra{number}" for number in range(24)])
    assert len(await offered("")) == 25


async def test_a_forged_page_is_answered(bench: Bench) -> None:
    public: Json = await bench.result_in_thread_of(await bench.imagine("a dog", ratio="1:1"))
    with pytest.raises(ActionRefused):
        await bench.person("Noor").press(public["id"], label="Next")
    await save(bench, "mascot", plain(RED), by="Mia")
    answer = await forge(bench, public, "v1:confirm:forget:1", by="Noor")
    await refused(bench, answer, "not here any more")
    assert "`@mascot`" in await listed(bench)
