"""What moderators see, in a real browser: the chart of usage, the defaults and the rules, on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.end_to_end.test_newcomers_minute import take_picture
from tests.support.bench import Bench, open_bench
from tests.support.browser import PHONE, open_browser, open_page
from tests.support.studio import closed

ASKED = ("Mia", "Mia", "Noor", "Mia", "Sam")


async def run(page: Page, command: str) -> None:
    """Type a command that needs no options, and send it."""
    await page.get_by_role("textbox", name=re.compile("^Message ")).press_sequentially(f"/{command} ")
    await page.keyboard.press("Enter")


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
