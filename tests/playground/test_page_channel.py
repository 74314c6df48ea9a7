"""The page in a real browser, over the local Discord, with a real bot behind it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import FilePayload, Locator, Page, WebSocketRoute, expect

from bot.playground import LocalDiscord
from tests.support.browser import PHONE, open_browser, open_page
from tests.support.discord_client import connected
from tests.support.png import small_png
from tests.support.studio_bot import StudioBot

PICTURE = small_png(48, 27)


@asynccontextmanager
async def studio(local: LocalDiscord, *, person: str = "Mia") -> AsyncGenerator[tuple[Page, StudioBot]]:
    """The page of one person, with the bot connected."""
    bot = StudioBot()
    async with connected(bot, local), open_page(local, person=person) as page:
        await expect(page.get_by_text("is offline")).to_have_count(0)
        yield page, bot


def composer(page: Page, name: str = "#studio") -> Locator:
    return page.get_by_role("textbox", name=f"Message {name}")


def last(page: Page) -> Locator:
    return page.get_by_role("log").get_by_role("article").last


def picture(name: str) -> FilePayload:
    return FilePayload(name=name, mimeType="image/png", buffer=PICTURE)


async def run(page: Page, command: str) -> None:
    """Type a command that needs nothing more, and send it."""
    await composer(page).press_sequentially(f"/{command} ")
    await page.keyboard.press("Enter")


async def test_a_command_typed_with_options_and_a_picture_becomes_a_card_and_a_thread(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await composer(page).press_sequentially("/ima")
        await expect(page.get_by_role("option", name="/imagine")).to_be_visible()
        await page.keyboard.press("Enter")
        await page.keyboard.type("a fox in the snow")
        await page.get_by_role("button", name="ratio", exact=True).click()
        await page.get_by_role("option", name="1:1, square").click()
        await page.get_by_role("button", name="size", exact=True).click()
        await page.keyboard.type("1808")
        await page.get_by_role("option", name="1808:768").click()
        await page.get_by_role("button", name="seed", exact=True).click()
        await page.keyboard.type("42")
        await page.get_by_role("button", name="friend", exact=True).click()
        await page.keyboard.type("no")
        await page.get_by_role("option", name="Noor").click()
        await page.get_by_role("button", name="image1", exact=True).click()
        await page.get_by_label("image1", exact=True).set_input_files(picture("model.png"))
        await expect(page.get_by_role("button", name="Remove model.png")).to_be_visible()
        await page.get_by_role("button", name="Run /imagine").click()

        card = last(page)
        await expect(card).to_contain_text("Mia used /imagine")
        await expect(card).to_contain_text("Working on a fox in the snow")
        expected = {
            "prompt": "a fox in the snow",
            "files": [("model.png", PICTURE)],
            "ratio": "1:1",
            "size": "1808:768",
            "seed": 42,
            "friend": "Noor",
        }
        assert bot.asked == [expected]
        await expect(composer(page)).to_be_focused()

        await card.get_by_role("button", name="Open thread a fox in the snow").click()
        await expect(page.get_by_role("heading", name="a fox in the snow").first).to_be_visible()
        await expect(page.get_by_role("img", name=re.compile("cat [0-2]"))).to_have_count(3)
        await page.get_by_role("img", name="cat 1").click()
        shown = page.get_by_role("dialog", name="Picture")
        await expect(shown.get_by_role("img", name="cat 1")).to_be_visible()
        await page.keyboard.press("ArrowRight")
        await expect(shown.get_by_role("img", name="cat 2")).to_be_visible()
        width = await shown.get_by_role("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
        assert width == 64
        await page.keyboard.press("Escape")
        await expect(shown).to_have_count(0)


async def test_the_keyboard_alone_fills_in_and_sends_a_command(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await page.keyboard.type("/imagine a quiet harbour")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Add an option")).not_to_be_focused()
        await page.get_by_label("Add an option").focus()
        await page.keyboard.type("rat")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("combobox", name="ratio", exact=True)).to_be_focused()
        await expect(page.get_by_role("option", name="16:9, wide")).to_be_visible()
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("option", name="16:9, wide")).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("combobox", name="ratio", exact=True)).to_have_value("16:9, wide")
        await page.keyboard.press("Enter")
        await expect(last(page)).to_contain_text("Working on a quiet harbour")
        assert bot.asked[0]["ratio"] == "16:9"


async def test_a_wrong_value_is_explained_in_words_and_nothing_is_sent(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await composer(page).press_sequentially("/imagine ")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("This option is required. Specify a value.")
        await page.keyboard.type("a cat")
        await page.get_by_role("button", name="seed", exact=True).click()
        await page.keyboard.type("-1")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("Enter 0 or more.")
        await page.get_by_label("seed", exact=True).fill("many")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("Enter a whole number.")
        assert bot.asked == []
        await page.keyboard.press("Escape")
        await expect(composer(page)).to_be_focused()


async def test_an_ephemeral_note_is_seen_by_one_person_only_and_can_be_dismissed(local: LocalDiscord) -> None:
    async with (
        connected(StudioBot(), local),
        open_browser() as browser,
        open_page(local, browser=browser) as mine,
        open_page(local, browser=browser, person="Noor") as hers,
    ):
        await run(mine, "quota")
        await expect(last(mine)).to_contain_text("You have 7 left")
        await expect(last(mine)).to_contain_text("Only you can see this")
        await local.person("Mia").say("studio", "hello there")
        await expect(last(hers)).to_contain_text("hello there")
        await expect(hers.get_by_text("You have 7 left")).to_have_count(0)
        await mine.get_by_role("button", name="Dismiss message").click()
        await expect(mine.get_by_text("You have 7 left")).to_have_count(0)


async def test_a_button_updates_its_card_and_a_broken_one_says_so(local: LocalDiscord) -> None:
    async with studio(local) as (page, _):
        await composer(page).press_sequentially("/imagine a cat")
        await page.keyboard.press("Enter")
        await expect(last(page)).to_contain_text("Working on a cat")
        await expect(last(page).get_by_role("button", name="16:9")).to_be_disabled()
        await expect(last(page).get_by_role("link", name="Docs")).to_have_attribute("href", "https://example.com/docs")
        await last(page).get_by_role("button", name="Reroll").click()
        await expect(last(page)).to_contain_text("Rerolled")
        await last(page).get_by_role("button", name="Broken").click()
        await expect(last(page).get_by_text("This interaction failed")).to_have_count(1)


async def test_a_thread_shows_its_card_as_it_is_now(local: LocalDiscord) -> None:
    async with studio(local) as (page, _):
        await composer(page).press_sequentially("/imagine a cat")
        await page.keyboard.press("Enter")
        await last(page).get_by_role("button", name="Open thread a cat").click()
        first = page.get_by_role("log").get_by_role("article").first
        await expect(first).to_contain_text("Working on a cat")
        [card] = local.messages("studio", "Mia")
        await local.person("Mia").press(card["id"], label="Reroll")
        await expect(first).to_contain_text("Rerolled")


async def test_a_form_checks_its_fields_and_sends_text_choices_and_files(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await composer(page).press_sequentially("/imagine a cat")
        await page.keyboard.press("Enter")
        await last(page).get_by_role("button", name="Edit").click()
        form = page.get_by_role("dialog", name="Edit the picture")
        await expect(form.get_by_label("Prompt")).to_have_value("a cat")
        await expect(form.get_by_label("Prompt")).to_be_focused()
        await form.get_by_label("Prompt").fill("")
        await form.get_by_role("button", name="Submit").click()
        await expect(form.get_by_text("This field is required.")).to_be_visible()
        await expect(form.get_by_text("Choose one.")).to_be_visible()
        assert bot.submitted == []
        await form.get_by_label("Prompt").fill("a dog")
        await form.get_by_label("Photo").check()
        await form.get_by_role("combobox", name="Shape").click()
        await form.get_by_role("option", name="1:1").click()
        await form.get_by_label("References").set_input_files([picture("a.png"), picture("b.png")])
        await expect(form.get_by_role("button", name="Remove b.png")).to_be_visible()
        await form.get_by_role("button", name="Submit").click()
        await expect(form).to_have_count(0)
        await expect(last(page)).to_contain_text("Edited to a dog")
        expected = {"prompt": "a dog", "shape": ["1:1"], "style": "Photo", "files": [PICTURE, PICTURE]}
        assert bot.submitted == [expected]


async def test_a_select_sends_all_choices_when_it_closes(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await run(page, "pick")
        select = last(page).get_by_role("combobox", name="Choose shapes")
        await select.click()
        await page.get_by_role("option", name="16:9").click()
        await page.get_by_role("option", name="4:3").click()
        await page.keyboard.press("Tab")
        await expect(last(page)).to_contain_text("Noted")
        assert bot.chosen == [["16:9", "4:3"]]


async def test_a_deferred_answer_thinks_and_a_missing_one_did_not_respond(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await run(page, "slow")
        await expect(last(page)).to_contain_text("Atelier is thinking…")
        bot.go_on.set()
        await expect(last(page)).to_contain_text("It was worth it")
        await run(page, "mute")
        await expect(last(page)).to_contain_text("The application did not respond")
        await expect(last(page)).to_contain_text("Mia used /mute")


async def test_menus_of_messages_and_people_run_their_commands(local: LocalDiscord) -> None:
    async with studio(local) as (page, _):
        await local.person("Noor").say("studio", "look at this")
        await expect(last(page)).to_contain_text("look at this")
        await last(page).click(button="right")
        await page.get_by_role("menuitem", name="Use as reference").click()
        await expect(page.get_by_role("dialog", name="Edit the picture")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.get_by_role("link", name="general", exact=True).click()
        await page.get_by_role("complementary", name="Members").get_by_role("button", name="Noor").click()
        await page.get_by_role("menuitem", name="Show quota").click()
        await expect(last(page)).to_contain_text("Noor has 3 left")


async def test_only_moderators_are_offered_the_commands_for_moderators(local: LocalDiscord) -> None:
    async with studio(local) as (page, _):
        await composer(page).fill("/man")
        await expect(page.get_by_role("option", name="/manage quota set")).to_have_count(0)
        await page.get_by_role("button", name="Switch person").click()
        await page.get_by_role("menuitemradio", name="Sam, Moderator").click()
        await expect(page.get_by_role("button", name="You are Sam")).to_be_visible()
        await composer(page).fill("/man")
        await page.get_by_role("option", name="/manage quota set").click()
        await page.keyboard.type("12")
        await page.keyboard.press("Enter")
        await expect(last(page)).to_contain_text("Everyone has 12 now")


async def test_messages_carry_files_replies_and_mentions(local: LocalDiscord) -> None:
    async with studio(local) as (page, bot):
        await local.person("Noor").say("studio", "what do you think?")
        await expect(last(page)).to_contain_text("what do you think?")
        await last(page).hover()
        await last(page).get_by_role("button", name="Reply").click()
        await page.get_by_label("Files to send").set_input_files([picture("cat.png")])
        await composer(page).press_sequentially("@At")
        await page.get_by_role("option", name="Atelier").click()
        await page.keyboard.type("a cat please")
        await page.keyboard.press("Enter")
        await expect(last(page)).to_contain_text("@Atelier a cat please")
        await expect(last(page)).to_contain_text("what do you think?")
        await expect(last(page).get_by_role("img", name="cat.png")).to_be_visible()
        await expect(composer(page)).to_have_value("")
        heard = await local.wait_for(lambda: [each for each in bot.heard if each.content])
        assert heard[-1].content.endswith("> a cat please")
        assert [file.filename for file in heard[-1].attachments] == ["cat.png"]


async def test_a_message_is_forwarded_with_its_picture_to_the_chosen_place(local: LocalDiscord) -> None:
    async with studio(local) as (page, _):
        await composer(page).fill("look at this")
        await page.get_by_label("Files to send").set_input_files(picture("cat.png"))
        await composer(page).press("Enter")
        await last(page).click(button="right")
        await page.get_by_role("menuitem", name="Forward").click()
        await page.get_by_role("menu", name="Forward to").get_by_role("menuitem", name="Atelier").click()
        await expect(composer(page, "@Atelier")).to_be_visible()
        await expect(last(page)).to_contain_text("Forwarded")
        await expect(last(page)).to_contain_text("look at this")
        await expect(last(page).get_by_role("img", name="cat.png")).to_be_visible()


async def test_a_dropped_picture_fills_the_command_s_next_free_option(local: LocalDiscord) -> None:
    drop = """() => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array([1, 2, 3])], "dropped.png", { type: "image/png" }));
        for (const type of ["dragenter", "dragover", "drop"])
            document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    async with studio(local) as (page, _):
        await page.evaluate(drop)
        await expect(page.get_by_role("list", name="Files to send")).to_contain_text("dropped.png")
        await composer(page).press_sequentially("/imagine a cat")
        await expect(page.get_by_role("button", name="Remove dropped.png")).to_have_count(1)
        await page.evaluate(drop)
        await expect(page.get_by_role("button", name="Remove dropped.png")).to_have_count(2)
        await expect(page.get_by_label("image2", exact=True)).to_be_attached()


async def test_a_spoiler_stays_covered_until_it_is_pressed(local: LocalDiscord) -> None:
    async with studio(local) as (page, _):
        await composer(page).press_sequentially("/imagine a cat")
        await page.get_by_role("button", name="spoiler", exact=True).click()
        await page.get_by_role("option", name="True").click()
        await page.get_by_role("button", name="Run /imagine").click()
        await last(page).get_by_role("button", name="Open thread").click()
        covers = page.get_by_role("button", name="Spoiler")
        await expect(covers).to_have_count(3)
        await covers.first.click()
        await expect(covers).to_have_count(2)
        await expect(page.get_by_role("img", name="cat 0")).to_be_visible()


async def test_the_page_says_when_the_bot_is_offline_and_when_it_is_back(local: LocalDiscord) -> None:
    async with open_page(local) as page:
        await expect(page.get_by_text("Atelier is offline.")).to_be_visible()
        async with connected(StudioBot(), local):
            await expect(page.get_by_text("Atelier is offline.")).to_have_count(0)
            await expect(page.get_by_text("Make your first picture")).to_be_visible()
        await expect(page.get_by_text("Atelier is offline.")).to_be_visible()


async def test_after_a_lost_connection_the_page_catches_up_by_itself(local: LocalDiscord) -> None:
    async with open_page(local) as page:
        sockets: list[WebSocketRoute] = []

        def note(socket: WebSocketRoute) -> None:
            socket.connect_to_server()
            sockets.append(socket)

        await page.route_web_socket("**/playground/events*", note)
        await page.reload()
        await local.person("Noor").say("studio", "before")
        await expect(last(page)).to_contain_text("before")
        [first] = sockets
        await first.close()
        await local.person("Noor").say("studio", "meanwhile")
        await expect(last(page)).to_contain_text("meanwhile")
        await expect(page.get_by_text("The playground is not answering.")).to_have_count(0)
        await local.person("Noor").say("studio", "afterwards")
        await expect(last(page)).to_contain_text("afterwards")
        assert len(sockets) == 2


async def test_new_messages_below_are_announced_by_a_pill_and_the_end_is_kept_otherwise(local: LocalDiscord) -> None:
    noor = local.person("Noor")
    for number in range(40):
        await noor.say("studio", f"line {number}")
    async with open_page(local) as page:
        await expect(page.get_by_text("line 39", exact=True)).to_be_in_viewport()
        await noor.say("studio", "one more")
        await expect(page.get_by_text("one more")).to_be_in_viewport()
        await page.get_by_text("line 5", exact=True).scroll_into_view_if_needed()
        await noor.say("studio", "far below")
        pill = page.get_by_role("button", name="1 new message")
        await expect(pill).to_be_visible()
        await expect(page.get_by_text("far below")).not_to_be_in_viewport()
        await pill.click()
        await expect(page.get_by_text("far below")).to_be_in_viewport()
        await expect(pill).to_have_count(0)


async def test_a_message_in_another_channel_marks_it_unread(local: LocalDiscord) -> None:
    async with open_page(local) as page:
        await local.person("Noor").say("general", "over here")
        await page.get_by_role("link", name="general, 1 unread").click()
        await expect(last(page)).to_contain_text("over here")
        await expect(page.get_by_role("link", name="general", exact=True)).to_have_attribute("aria-current", "page")


async def test_on_a_phone_the_channels_open_from_the_side(local: LocalDiscord) -> None:
    async with open_page(local, viewport=PHONE) as page:
        general = page.get_by_role("link", name="general", exact=True)
        await expect(general).to_be_hidden()
        await page.get_by_role("button", name="Show channels").click()
        await general.click()
        await expect(composer(page, "#general")).to_be_visible()
        await expect(general).to_be_hidden()
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0


async def test_a_channel_where_the_person_may_not_write_says_so(local: LocalDiscord) -> None:
    async with open_page(local) as page:
        await page.get_by_role("link", name="announcements", exact=True).click()
        await expect(page.get_by_text("You do not have permission to send messages in this channel.")).to_be_visible()
        await expect(composer(page, "#announcements")).to_have_count(0)
