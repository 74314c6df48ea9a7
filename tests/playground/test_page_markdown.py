"""Message text in the page: Discord's markdown, and nothing that could become a document of its own."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page, expect

from bot.playground import LocalDiscord
from tests.support.browser import open_page

HOSTILE = (
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "<svg/onload=window.hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "[press](javascript:window.hit=1)",
    "[press](<javascript:window.hit=1>)",
    "[press](JaVaScRiPt:window.hit=1)",
    "[press](data:text/html,<script>window.hit=1</script>)",
    "<javascript:window.hit=1>",
    'https://example.com/"onmouseover="window.hit=1',
    "https://example.com/'><img src=x onerror=window.hit=1>",
    "```html\n<img src=x onerror=window.hit=1>\n```",
    "`<img src=x onerror=window.hit=1>`",
    "||<img src=x onerror=window.hit=1>||",
    "# <img src=x onerror=window.hit=1>",
    "> <b onclick=window.hit=1>x</b>",
    "- <img src=x onerror=window.hit=1>",
    "**<img src=x onerror=window.hit=1>**",
    "<@1><img src=x onerror=window.hit=1>",
    "<t:99999999999999:F> <t:-1:R> <t:8640000000001:F>",
    "&lt;img src=x onerror=window.hit=1&gt;",
    "${window.hit=1} {{constructor.constructor('window.hit=1')()}}",
    "</imagine onclick=window.hit=1:5>",
    "\u202egnp.exe <img src=x onerror=window.hit=1>",
)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain", "text": text}


def block(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "children": list(children)}


def wrapped(kind: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "children": list(children)}


def linked(url: str, label: str | None = None) -> dict[str, Any]:
    return {"type": "link", "url": url, "children": [plain(label or url)]}


CASES: tuple[tuple[str, list[dict[str, Any]]], ...] = (
    ("plain", [block(plain("plain"))]),
    ("**b** *i* _i_ __u__ ~~s~~", [block(
        wrapped("bold", plain("b")), plain(" "), wrapped("italic", plain("i")), plain(" "),
        wrapped("italic", plain("i")), plain(" "), wrapped("underline", plain("u")), plain(" "),
        wrapped("strike", plain("s")))]),
    ("***both***", [block(wrapped("bold", wrapped("italic", plain("both"))))]),
    ("snake_case_name and 2 * 3 * 4", [block(plain("snake_case_name and 2 * 3 * 4"))]),
    (r"\*not\* \`this\`", [block(plain("*not* `this`"))]),
    ("`a **b**`", [block({"type": "inlineCode", "text": "a **b**"})]),
    ("``a ` b``", [block({"type": "inlineCode", "text": "a ` b"})]),
    ("```py\nx = '**'\n```", [{"type": "code", "language": "py", "text": "x = '**'"}]),
    ("see ```x``` there", [
        block(plain("see ")), {"type": "code", "language": None, "text": "x"}, block(plain(" there"))]),
    ("```open", [block(plain("```open"))]),
    ("# A\n## B\n-# c", [
        {"type": "header", "level": 1, "children": [plain("A")]},
        {"type": "header", "level": 2, "children": [plain("B")]},
        {"type": "subtext", "children": [plain("c")]}]),
    ("#studio is no header", [block(plain("#studio is no header"))]),
    ("> a\n> b\nc", [wrapped("quote", block(plain("a\nb"))), block(plain("c"))]),
    (">>> a\nb", [wrapped("quote", block(plain("a\nb")))]),
    ("- a\n  - b\n- c", [{"type": "list", "start": None, "items": [
        [plain("a"), {"type": "list", "start": None, "items": [[plain("b")]]}], [plain("c")]]}]),
    ("- a\n1. b", [
        {"type": "list", "start": None, "items": [[plain("a")]]},
        {"type": "list", "start": 1, "items": [[plain("b")]]}]),
    ("||hidden||", [block(wrapped("spoiler", plain("hidden")))]),
    ("[docs](https://example.com/a)", [block(linked("https://example.com/a", "docs"))]),
    ("<https://example.com>", [block(linked("https://example.com"))]),
    ("(https://example.com/a_b).", [block(plain("("), linked("https://example.com/a_b"), plain(")."))]),
    ("[x](javascript:alert(1))", [block(plain("[x](javascript:alert(1))"))]),
    ("<@12> <@!12> <@&3> <#4>", [block(
        {"type": "user", "id": "12"}, plain(" "), {"type": "user", "id": "12"}, plain(" "),
        {"type": "role", "id": "3"}, plain(" "), {"type": "channel", "id": "4"})]),
    ("</quota set:5>", [block({"type": "command", "name": "quota set", "id": "5"})]),
    ("<t:60:R> <t:60>", [block(
        {"type": "time", "seconds": 60, "style": "R"}, plain(" "), {"type": "time", "seconds": 60, "style": "f"})]),
)  # fmt: skip


async def parsed(page: Page, text: str) -> Any:
    return await page.evaluate("text => import('/web/js/markdown.js').then(module => module.parse(text))", text)


async def test_markdown_becomes_the_tree_discord_draws(local: LocalDiscord) -> None:
    async with open_page(local) as page:
        wrong = {text: found for text, tree in CASES if (found := await parsed(page, text)) != tree}
    assert wrong == {}, json.dumps(wrong, indent=1)


async def test_long_and_unclosed_text_is_read_in_no_time(local: LocalDiscord) -> None:
    nasty = ("*" * 4000, "_a" * 2000, "||" * 2000, "[" * 4000, "`" * 3999, "> " * 2000, "**a*" * 1000, "<" * 4000)
    async with open_page(local) as page:
        for text in nasty:
            spent = await page.evaluate(
                "text => import('/web/js/markdown.js').then(module => "
                "{ const start = performance.now(); module.parse(text); return performance.now() - start; })",
                text,
            )
            assert spent < 2000, f"{text[:8]!r} took {spent} ms"


async def test_hostile_text_stays_text(local: LocalDiscord) -> None:
    mia = local.person("Mia")
    for text in HOSTILE:
        await mia.say("studio", text)
    async with open_page(local) as page:
        log = page.get_by_role("log")
        await expect(log.get_by_role("article")).to_have_count(len(HOSTILE))
        for kind in ("script", "iframe", "img", "object", "b", "[onerror]", "[onclick]", "[onload]", "[srcdoc]"):
            assert await log.locator(f"article .markup {kind}").count() == 0, kind
        addresses = await log.locator(".markup a").evaluate_all("links => links.map(link => link.protocol)")
        assert set(addresses) <= {"http:", "https:"}
        assert await page.evaluate("window.hit") is None
        await expect(log.get_by_text("<script>window.hit = 1</script>")).to_be_visible()


async def test_mentions_times_and_spoilers_are_drawn_for_people(local: LocalDiscord) -> None:
    mia, noor = local.person("Mia"), local.person("Noor")
    general = local.world.find_channel("general")
    soon = int(local.world.clock()) + 7200
    await mia.say("studio", f"<@{noor.id}> see <#{general.id}> <t:{soon}:R> ||a fox||")
    async with open_page(local) as page:
        article = page.get_by_role("log").get_by_role("article").last
        await expect(article).to_contain_text("@Noor")
        await expect(article.locator("time", has_text="in 2 hours")).to_be_visible()
        spoiler = article.get_by_role("button", name="Spoiler, press to show")
        await spoiler.focus()
        await page.keyboard.press("Enter")
        await expect(article.get_by_text("a fox")).to_be_visible()
        await article.get_by_role("link", name="general").click()
        await expect(page.get_by_role("textbox", name="Message #general")).to_be_visible()
