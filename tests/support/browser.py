"""A real browser on the page of a local Discord."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, ViewportSize, async_playwright, expect

from bot.playground import LocalDiscord

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=390, height=780)
# Milliseconds: the machine may be busy, and a condition that holds is seen at once.
PATIENCE = 20_000


def find_browser() -> str:
    """The browser's path; without one the test is skipped, in CI it fails."""
    for name in NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    if os.environ.get("CI") == "true":
        pytest.fail("there is no Chromium on this machine")
    pytest.skip("there is no Chromium on this machine")


@asynccontextmanager
async def open_browser() -> AsyncGenerator[Browser]:
    """A browser without a window."""
    path = find_browser()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(
    local: LocalDiscord, *, browser: Browser | None = None, person: str = "Mia", viewport: ViewportSize = DESKTOP
) -> AsyncGenerator[Page]:
    """The page as one person sees it; nothing may go wrong in it: no script error, no refused resource."""
    if browser is None:
        async with open_browser() as own, open_page(local, browser=own, person=person, viewport=viewport) as page:
            yield page
        return
    wrong: list[str] = []
    expect.set_options(timeout=PATIENCE)
    context = await browser.new_context(
        viewport=viewport,
        has_touch=viewport == PHONE,
        is_mobile=viewport == PHONE,
        locale="en-GB",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()

    def note(message: ConsoleMessage) -> None:
        # The answer to an expected refusal is written to the console by the browser itself.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            wrong.append(message.text)

    def note_error(error: Error) -> None:
        wrong.append(str(error))

    page.on("console", note)
    page.on("pageerror", note_error)
    try:
        await page.goto(f"{local.page_url}?as={local.person(person).id}")
        await expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
        await expect(page.locator("html")).to_have_attribute("data-live", "yes")
        yield page
    finally:
        await context.close()
    assert not wrong, "\n".join(wrong)
