"""What moderators see, in a real browser: the chart of usage, the defaults and the rules, on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.end_to_end.test_newcomers_minute import take_card, take_picture
from tests.support.bench import Bench, open_bench, text_of
from tests.support.browser import PHONE, open_browser, open_page
from tests.support.studio import closed, press

ASKED = ("Mia", "Mia", "Noor", "Mia", "Sam")


async def run(page: Page, command: str) -> Locator:
    """Type a command that needs no options, and send it; the newest card."""
    await page.get_by_role("textbox", name=re.compile("^Message ")).press_sequentially(f"/{command} ")
    await page.keyboard.press("Enter")
    return page.get_by_role("article").last


async def some_rules(bench: Bench) -> None:
    """Quotas, a budget, blocked words, a log channel and a gallery, as a moderator would set them."""
    sam = bench.person("Sam")
    for command, options in (
        ("quota set", {"amount": 20, "unit": "images", "per": "week", "user": "Noor", "cooldown": 30}),
        ("quota set", {"amount": 5, "unit": "images", "per": "day", "user": "Mia"}),
        ("budget set", {"amount": 25, "per": "month"}),
        ("words add", {"word": "zombie"}),
        ("words add", {"word": "gore*"}),
        ("channels deny", {"channel": "general"}),
        ("gallery", {"channel": "showcase", "votes": 1}),
        ("log", {"channel": "general"}),
    ):
        await sam.slash("studio", f"manage {command}", options)


async def a_report(bench: Bench) -> None:
    """Noor reports a result of Mia, and votes for it before."""
    asked = await bench.imagine("a lighthouse by the sea at golden hour", ratio="16:9", seed=7)
    result = await bench.result_in_thread_of(asked)
    await closed(bench, asked)
    card = bench.card(await press(bench, result, "More", by="Noor"))
    await press(bench, card, "Vote", by="Noor")
    form = await press(bench, card, "Report", by="Noor")
    await bench.person("Noor").submit(form, {"reason": "This is my drawing, used without asking"})
    for words in ("reported a result", "1 picture"):
        await bench.until(lambda words=words: any(words in text_of(each) for each in bench.discord.messages("general")))


async def some_usage(bench: Bench) -> None:
    """Make a few pictures, and set a few rules."""
    for number, name in enumerate(ASKED):
        await closed(bench, await bench.imagine(f"a cat number {number}", ratio="1:1", by=name))
    sam = bench.person("Sam")
    await sam.slash("studio", "manage words add", {"word": "zombie"})
    await sam.slash("studio", "manage channels deny", {"channel": "general"})


async def test_a_moderator_sees_usage_defaults_and_changes(tmp_path: Path) -> None:
    async with open_bench(tmp_path, providers={"sketch": {"seconds": 0.2}}) as bench, open_browser() as browser:
        await some_usage(bench)
        async with open_page(bench.discord, browser=browser, person="Sam") as page:
            await run(page, "manage usage")
            card = page.get_by_role("article").last
            await expect(card).to_contain_text("5 pictures · $0.00 · 3 people")
            await expect(card).to_contain_text("usage.csv")
            chart = card.get_by_alt_text(re.compile("^Chart: Usage"))
            await expect(chart).to_be_visible()
            await chart.evaluate("(image) => image.decode()")
            assert await chart.evaluate("(image) => image.naturalWidth") == 800
            await take_picture(page, "usage.png")
            await run(page, "manage defaults")
            await expect(page.get_by_role("article").last).to_contain_text("Time zone: UTC")
            await run(page, "manage audit")
            await expect(page.get_by_role("article").last).to_contain_text("zombie")
            await take_picture(page, "moderators.png")


async def test_a_moderator_changes_a_default_in_a_form(tmp_path: Path) -> None:
    async with (
        open_bench(tmp_path) as bench,
        open_browser() as browser,
        open_page(bench.discord, browser=browser, person="Sam") as page,
    ):
        card = await run(page, "manage defaults")
        await card.get_by_role("button", name="Habits").click()
        form = page.get_by_role("dialog", name="Habits")
        await expect(form).to_be_visible()
        await take_card(form, "habits.png")
        await form.get_by_role("combobox", name="Where results go").click()
        await page.get_by_role("option", name="Results go into the channel itself.").click()
        await form.get_by_role("button", name="Submit").click()
        await expect(card).to_contain_text("Changed: defaults")
        await expect(card).to_contain_text("into the channel itself")


async def test_the_chart_fits_a_phone(tmp_path: Path) -> None:
    async with open_bench(tmp_path, providers={"sketch": {"seconds": 0.2}}) as bench, open_browser() as browser:
        await some_usage(bench)
        async with open_page(bench.discord, browser=browser, person="Sam", viewport=PHONE) as page:
            await run(page, "manage usage")
            chart = page.get_by_alt_text(re.compile("^Chart: Usage"))
            await expect(chart).to_be_visible()
            box = await chart.bounding_box()
            assert box is not None
            assert 250 < box["width"] <= PHONE["width"]
            await chart.evaluate("(image) => image.decode()")
            await take_picture(page, "usage-phone.png")


async def test_a_moderator_s_cards_are_there_to_be_read(tmp_path: Path) -> None:
    async with open_bench(tmp_path, providers={"sketch": {"seconds": 0.2}}) as bench, open_browser() as browser:
        await some_rules(bench)
        await a_report(bench)
        async with open_page(bench.discord, browser=browser, person="Sam") as page:
            for command, words, name in (
                ("manage quota list", "20 images a week", "quotas.png"),
                ("manage budget show", "$0.00 of $25.00", "budget.png"),
                ("manage words list", "2 blocked words", "words.png"),
                ("manage audit", "changed the log channel", "audit.png"),
            ):
                card = await run(page, command)
                await expect(card).to_contain_text(words)
                await take_card(card, name)
            await page.get_by_label(re.compile("^general")).click()
            report = page.get_by_role("article").filter(has_text="reported a result")
            for label in ("Delete", "Block", "Dismiss"):
                await expect(report.get_by_role("button", name=label)).to_be_enabled()
            await take_card(report, "report.png")
            result = page.get_by_role("article").filter(has_text="1 picture")
            await expect(result).to_contain_text("a lighthouse by the sea")
            await expect(result.get_by_role("link", name="to the result")).to_be_visible()
            await take_card(result, "log-result.png")
            await page.get_by_label(re.compile("^showcase")).click()
            exhibit = page.get_by_role("article").filter(has=page.get_by_alt_text(re.compile("^AI image: ")))
            await expect(exhibit.get_by_role("button", name="Vote")).to_be_enabled()
            await exhibit.get_by_role("img").first.evaluate("(image) => image.decode()")
            await take_card(exhibit, "gallery.jpg")
