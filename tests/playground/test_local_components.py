"""Components and modals keep Discord's limits."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import LocalDiscord
from tests.playground.test_local_messages import path_of
from tests.support.png import small_png
from tests.support.raw_discord import RawBot

V2 = 1 << 15
TEXT = {"type": 10, "content": "x"}


def button(**parts: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | parts


def row(*children: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def select(**parts: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}]} | parts


def gallery(*urls: str) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


FAR = "https://example.com/a.png"

V1_BREACHES = [
    ([row(button(label="x" * 81))], {"components.0.components.0.label": ["BASE_TYPE_MAX_LENGTH"]}),
    ([row(button(custom_id="x" * 101))], {"components.0.components.0.custom_id": ["BASE_TYPE_BAD_LENGTH"]}),
    ([row(button(custom_id=None))], {"components.0.components.0.custom_id": ["BASE_TYPE_REQUIRED"]}),
    ([row(button(style=9))], {"components.0.components.0.style": ["BASE_TYPE_CHOICES"]}),
    ([row(button(label=None))], {"components.0.components.0": ["BUTTON_COMPONENT_MISSING_LABEL_OR_EMOJI"]}),
    ([row(button(style=5))], {"components.0.components.0.url": ["BASE_TYPE_REQUIRED"]}),
    (
        [row({"type": 2, "style": 5, "label": "x", "url": "ftp://x"})],
        {"components.0.components.0.url": ["URL_TYPE_INVALID_SCHEME"]},
    ),
    ([row(button(), button())], {"components.0.components.1.custom_id": ["COMPONENT_CUSTOM_ID_DUPLICATED"]}),
    ([row(*(button(custom_id=str(n)) for n in range(6)))], {"components.0.components": ["BASE_TYPE_BAD_LENGTH"]}),
    ([row()], {"components.0.components": ["BASE_TYPE_BAD_LENGTH"]}),
    ([row(button(custom_id=str(n))) for n in range(6)], {"components": ["BASE_TYPE_MAX_LENGTH"]}),
    ([row(select(), button())], {"components.0.components": ["COMPONENT_LAYOUT_WIDTH_EXCEEDED"]}),
    ([row(select(options=[]))], {"components.0.components.0.options": ["BASE_TYPE_BAD_LENGTH"]}),
    (
        [row(select(options=[{"label": "A", "value": "a"}] * 2))],
        {"components.0.components.0.options.1.value": ["SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"]},
    ),
    ([row(select(placeholder="x" * 151))], {"components.0.components.0.placeholder": ["BASE_TYPE_MAX_LENGTH"]}),
    (
        [row(select(min_values=2, max_values=1))],
        {"components.0.components.0.min_values": ["SELECT_COMPONENT_INVALID_MIN_VALUES"]},
    ),
    ([TEXT], {"components.0": ["UNION_TYPE_CHOICES"]}),
    ([button()], {"components.0": ["UNION_TYPE_CHOICES"]}),
    ([5], {"components.0": ["DICT_TYPE_CONVERT"]}),
]

V2_BREACHES = [
    ([{"type": 10, "content": ""}], {"components.0.content": ["BASE_TYPE_BAD_LENGTH"]}),
    ([{"type": 10}], {"components.0.content": ["BASE_TYPE_REQUIRED"]}),
    (
        [{"type": 10, "content": "x" * 2001}] * 2,
        {"components": ["COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"]},
    ),
    ([TEXT] * 41, {"components": ["COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"]}),
    ([{"type": 12, "items": []}], {"components.0.items": ["BASE_TYPE_BAD_LENGTH"]}),
    ([gallery(*[FAR] * 11)], {"components.0.items": ["BASE_TYPE_BAD_LENGTH"]}),
    (
        [gallery("attachment://no.png")],
        {"components.0.items.0.media.url": ["UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"]},
    ),
    ([gallery("x.png")], {"components.0.items.0.media.url": ["URL_TYPE_INVALID_SCHEME"]}),
    ([{"type": 9, "components": [TEXT]}], {"components.0.accessory": ["BASE_TYPE_REQUIRED"]}),
    (
        [{"type": 9, "components": [TEXT] * 4, "accessory": button()}],
        {"components.0.components": ["BASE_TYPE_BAD_LENGTH"]},
    ),
    ([{"type": 17, "components": []}], {"components.0.components": ["BASE_TYPE_BAD_LENGTH"]}),
    (
        [{"type": 17, "components": [{"type": 17, "components": [TEXT]}]}],
        {"components.0.components.0": ["UNION_TYPE_CHOICES"]},
    ),
    ([{"type": 17, "accent_color": -1, "components": [TEXT]}], {"components.0.accent_color": ["NUMBER_TYPE_MAX"]}),
    ([{"type": 14, "spacing": 3}], {"components.0.spacing": ["BASE_TYPE_CHOICES"]}),
    (
        [{"type": 13, "file": {"url": FAR}}],
        {"components.0.file.url": ["UNFURLED_MEDIA_ITEM_MUST_BE_ATTACHMENT"]},
    ),
    (
        [row(button()), {"type": 17, "components": [row(button())]}],
        {"components.1.components.0.components.0.custom_id": ["COMPONENT_CUSTOM_ID_DUPLICATED"]},
    ),
    ([button()], {"components.0": ["UNION_TYPE_CHOICES"]}),
]


@pytest.mark.parametrize(("components", "errors"), V1_BREACHES)
async def test_what_discord_refuses_in_rows_is_refused(
    local: LocalDiscord, bot: RawBot, components: list[Any], errors: dict[str, list[str]]
) -> None:
    answer = await bot.request("POST", path_of(local), {"content": "x", "components": components})
    assert (answer.status, answer.code, answer.errors()) == (400, 50035, errors)


@pytest.mark.parametrize(("components", "errors"), V2_BREACHES)
async def test_what_discord_refuses_in_version_2_is_refused(
    local: LocalDiscord, bot: RawBot, components: list[Any], errors: dict[str, list[str]]
) -> None:
    answer = await bot.request("POST", path_of(local), {"flags": V2, "components": components})
    assert (answer.status, answer.code, answer.errors()) == (400, 50035, errors)


async def test_version_2_excludes_content_and_embeds_and_cannot_be_undone(local: LocalDiscord, bot: RawBot) -> None:
    both = {"content": "x", "embeds": [{"title": "y"}], "flags": V2, "components": [TEXT]}
    refused = await bot.request("POST", path_of(local), both)
    assert set(refused.errors()) == {"content", "embeds"}
    plain = (await bot.request("POST", path_of(local), {"content": "x"})).body["id"]
    one = path_of(local, rest=f"/{plain}")
    assert (await bot.request("PATCH", one, {"flags": V2, "components": [TEXT]})).errors().keys() == {"content"}
    turned = await bot.request("PATCH", one, {"flags": V2, "content": None, "components": [TEXT]})
    assert turned.body["flags"] & V2
    assert (await bot.request("PATCH", one, {"flags": 0, "content": "back"})).errors().keys() == {"content"}
    assert (await bot.request("GET", one)).body["flags"] & V2


async def test_version_2_is_kept_with_ids_defaults_and_resolved_media(local: LocalDiscord, bot: RawBot) -> None:
    tree = [
        {"type": 17, "components": [TEXT, gallery("attachment://cat.png"), {"type": 14}, row(button())]},
        {"type": 9, "components": [TEXT], "accessory": {"type": 11, "media": {"url": FAR}}},
        {"type": 13, "file": {"url": "attachment://notes.txt"}},
    ]
    files = {"cat.png": small_png(12, 6), "notes.txt": b"hi"}
    made = (await bot.request("POST", path_of(local), {"flags": V2, "components": tree}, files=files)).body
    container, section, file = made["components"]
    media = container["components"][1]["items"][0]["media"]
    assert media["attachment_id"] == made["attachments"][0]["id"]
    assert (media["width"], media["height"]) == (12, 6)
    assert container["components"][2]["divider"] is True
    assert section["accessory"]["media"]["url"] == FAR
    assert file["file"]["attachment_id"] == made["attachments"][1]["id"]
    ids = [container["id"], *(child["id"] for child in container["components"]), section["id"], file["id"]]
    assert len(set(ids)) == len(ids)
    again = await bot.request("PATCH", path_of(local, rest=f"/{made['id']}"), {"components": [gallery(media["url"])]})
    assert again.body["components"][0]["items"][0]["media"]["attachment_id"] == media["attachment_id"]


def modal(*components: Any, **parts: Any) -> dict[str, Any]:
    return {"custom_id": "m", "title": "T", "components": list(components)} | parts


def label(component: Any, **parts: Any) -> dict[str, Any]:
    return {"type": 18, "label": "L", "component": component} | parts


INPUT = {"type": 4, "custom_id": "i", "style": 1}

MODAL_BREACHES = [
    (modal(label(INPUT), title="x" * 46), {"data.title": ["BASE_TYPE_BAD_LENGTH"]}),
    (modal(label(INPUT), custom_id="x" * 101), {"data.custom_id": ["BASE_TYPE_BAD_LENGTH"]}),
    ({"custom_id": "m", "title": "T"}, {"data.components": ["BASE_TYPE_REQUIRED"]}),
    (modal(), {"data.components": ["BASE_TYPE_BAD_LENGTH"]}),
    (
        modal(*(label(INPUT | {"custom_id": str(n)}) for n in range(6))),
        {"data.components": ["BASE_TYPE_BAD_LENGTH"]},
    ),
    (modal(label(INPUT, label="x" * 46)), {"data.components.0.label": ["BASE_TYPE_BAD_LENGTH"]}),
    (modal(label(INPUT, description="x" * 101)), {"data.components.0.description": ["BASE_TYPE_BAD_LENGTH"]}),
    (modal(label(None)), {"data.components.0.component": ["BASE_TYPE_REQUIRED"]}),
    (modal(label(TEXT)), {"data.components.0.component": ["UNION_TYPE_CHOICES"]}),
    (modal(label(INPUT | {"style": 3})), {"data.components.0.component.style": ["BASE_TYPE_CHOICES"]}),
    (modal(label(INPUT | {"value": "x" * 4001})), {"data.components.0.component.value": ["BASE_TYPE_MAX_LENGTH"]}),
    (modal(label(INPUT | {"max_length": 4001})), {"data.components.0.component.max_length": ["NUMBER_TYPE_MAX"]}),
    (
        modal(label(INPUT), label(INPUT)),
        {"data.components.1.component.custom_id": ["COMPONENT_CUSTOM_ID_DUPLICATED"]},
    ),
    (modal(row(button())), {"data.components.0.components.0": ["UNION_TYPE_CHOICES"]}),
    (modal(button()), {"data.components.0": ["UNION_TYPE_CHOICES"]}),
    (
        modal(label({"type": 19, "custom_id": "f", "max_values": 11})),
        {"data.components.0.component.max_values": ["NUMBER_TYPE_MAX"]},
    ),
    (
        modal(label({"type": 21, "custom_id": "r", "options": [{"label": "A", "value": "a"}]})),
        {"data.components.0.component.options": ["BASE_TYPE_BAD_LENGTH"]},
    ),
]


@pytest.mark.parametrize(("data", "errors"), MODAL_BREACHES)
async def test_what_discord_refuses_in_modals_is_refused(
    local: LocalDiscord, online: RawBot, data: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    got, task = await online.interaction(local.person("Mia").slash("studio", "imagine", {"prompt": "a"}))
    refused = await online.answer(got, 9, data)
    assert (refused.code, refused.errors()) == (50035, errors)
    await online.answer(got, 4, {"content": "x"})
    await task
