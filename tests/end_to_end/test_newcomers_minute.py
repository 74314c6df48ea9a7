"""The newcomer's first minute, through the page, in a real browser, with the real bot behind it."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from bot.domain.shapes import Model, Size
from bot.providers.base import Done, Order
from bot.providers.sketch import Sketch
from tests.support.bench import Bench, open_bench
from tests.support.browser import open_page

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


async def painted(folder: Path, prompt: str) -> bytes:
    """A picture to drop in, by the built-in painter."""
    async with Sketch(folder=folder, seconds=0) as sketch:
        order = Order(prompt=prompt, model=Model.GEN4_IMAGE, size=Size(960, 720), seed=11)
        state = await sketch.submit(order)
        while not isinstance(state, Done):
            state = await sketch.poll(state.task_id)
        return await sketch.download(state.pictures[0])


async def drop(page: Page, target: Locator, name: str, content: bytes) -> None:
    """Drag a file from the desktop and let it go over an element."""
    data = await page.evaluate_handle(
        """([name, text]) => {
            const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], name, { type: "image/png" }));
            return data;
        }""",
        [name, base64.b64encode(content).decode()],
    )
    for event in ("dragenter", "dragover", "drop"):
        await target.dispatch_event(event, {"dataTransfer": data})


async def shape_of(picture: Locator) -> tuple[int, int]:
    """Width and height of a picture once the browser has it, in pixels."""
    await expect(picture).to_be_visible()
    await picture.evaluate("(image) => image.decode()")
    return tuple(await picture.evaluate("(image) => [image.naturalWidth, image.naturalHeight]"))


def results(page: Page) -> Locator:
    """The messages with a finished picture."""
    return page.get_by_role("article").filter(has=page.get_by_alt_text(re.compile("^AI image: ")))


async def take_picture(page: Page, name: str) -> None:
    """Keep a screenshot in docs/ when asked for (`make pictures`)."""
    if os.environ.get("ATELIER_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=PICTURES / name)


async def take_card(card: Locator, name: str) -> None:
    """Keep a screenshot of one card alone in docs/ when asked for."""
    if os.environ.get("ATELIER_PICTURES"):
        photo = name.endswith(".jpg")
        await card.screenshot(path=PICTURES / name, type="jpeg" if photo else "png", quality=80 if photo else None)


async def ask_for_a_picture(page: Page, reference: bytes) -> None:
    await page.get_by_role("textbox", name="Message #studio").press_sequentially("/imagine")
    await page.keyboard.press("Enter")
    await page.keyboard.type("a lighthouse by the sea at golden hour, light like @mountain --seed 7")
    await drop(page, page.get_by_role("group", name="/imagine"), "mountain.png", reference)
    await expect(page.get_by_role("button", name="Remove mountain.png")).to_be_visible()
    await take_picture(page, "command.png")
    await page.get_by_role("button", name="Run /imagine").click()


async def watch_it_come(page: Page) -> None:
    card = page.get_by_role("log").get_by_role("article").last
    await expect(card).to_contain_text("9 of your 10 left today")
    await expect(card).to_contain_text("with @mountain")
    await expect(card).to_contain_text(re.compile(r"Working · [1-9]\d* %"))
    await take_picture(page, "card.png")
    await expect(card).to_contain_text("Done", timeout=30_000)
    await page.get_by_role("button", name=re.compile("^Open thread a lighthouse")).click()
    assert await shape_of(results(page).get_by_role("img").first) == (1280, 720)


async def press_two_buttons(page: Page) -> None:
    await results(page).first.get_by_role("button", name="Reroll").click()
    await expect(results(page)).to_have_count(2, timeout=30_000)
    assert await shape_of(results(page).nth(1).get_by_role("img").first) == (1280, 720)
    await results(page).first.get_by_role("button", name="9:16").click()
    await expect(results(page)).to_have_count(3, timeout=30_000)
    assert await shape_of(results(page).nth(2).get_by_role("img").first) == (720, 1280)


async def look_at_quota(page: Page) -> None:
    await page.get_by_role("textbox", name=re.compile("^Message ")).press_sequentially("/quota ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article").last).to_contain_text("7 of your 10 left today")
    await expect(page.get_by_role("article").last).to_contain_text("Only you can see this")


async def test_a_newcomer_sees_card_progress_picture_reroll_and_another_shape_and_the_quota_fall(
    tmp_path: Path,
) -> None:
    reference = await painted(tmp_path / "reference", "a mountain lake at dawn")
    async with open_bench(tmp_path, providers={"sketch": {"seconds": 4, "poll_interval": 0.2}}) as bench:
        async with open_page(bench.discord) as page:
            await ask_for_a_picture(page, reference)
            await watch_it_come(page)
            await take_picture(page, "playground.png")
            await press_two_buttons(page)
            await take_picture(page, "thread.png")
            await look_at_quota(page)
        assert_each_request_was_served_once(bench)


def assert_each_request_was_served_once(bench: Bench) -> None:
    seeds = [re.search(r"seed (\d+)", str(result)) for result in bench.results()]
    assert len(seeds) == 3
    first, reroll, tall = (match[1] for match in seeds if match)
    assert first == tall != reroll
