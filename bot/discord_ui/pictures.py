"""The pictures that Discord's objects carry: messages, forwards, embeds, components, profile pictures."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import discord

from bot.domain.handed import each_once
from bot.domain.references import Upload

AVATAR_SIDE = 1024
"""Pixels of a profile picture; Discord makes it as large as it has it, up to this."""

Shown = discord.Message | discord.MessageSnapshot


def upload_of(attachment: discord.Attachment) -> Upload:
    """What Discord says about a file."""
    return Upload(
        filename=attachment.filename,
        url=attachment.url,
        size=attachment.size,
        media_type=attachment.content_type,
        width=attachment.width,
        height=attachment.height,
    )


def pictures_of(message: Shown) -> tuple[Upload, ...]:
    """Every picture that people see in a message, each once: files, embeds, components, and those of a forward."""
    return each_once(_pictures(message))


def is_hidden(message: discord.Message) -> bool:
    """Whether Discord keeps from the bot what stands in the message, as it does without the Message Content intent."""
    return not (message.content or message.attachments or message.embeds or message.components or message.stickers)


def _pictures(message: Shown) -> Iterator[Upload]:
    files = {attachment.id for attachment in message.attachments}
    yield from (upload_of(each) for each in message.attachments if _is_picture(each.filename, each.content_type))
    for media in _media(message.components):
        if media.attachment_id is None or media.attachment_id not in files:
            yield from _of_media(media)
    for embed in message.embeds:
        for image in (embed.image, embed.thumbnail):
            if image.url:
                yield _linked(image.url, image.proxy_url, width=image.width, height=image.height)
                break
    if isinstance(message, discord.Message):
        for snapshot in message.message_snapshots:
            yield from _pictures(snapshot)


def _media(components: Sequence[Any]) -> Iterator[discord.UnfurledMediaItem]:
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                yield from (item.media for item in component.items)
            case discord.ThumbnailComponent() | discord.FileComponent():
                yield component.media
            case _:
                yield from _media([*getattr(component, "children", ()), *_accessory(component)])


def _accessory(component: object) -> tuple[object, ...]:
    accessory = getattr(component, "accessory", None)
    return () if accessory is None else (accessory,)


def _of_media(media: discord.UnfurledMediaItem) -> Iterator[Upload]:
    if _is_picture(_name_in(media.url), media.content_type):
        # A file of the message itself has a signed link of its own; the rest comes through the media proxy.
        proxy = media.proxy_url if media.attachment_id is None else None
        yield _linked(media.url, proxy, width=media.width, height=media.height, media_type=media.content_type)


def _linked(
    url: str, proxy_url: str | None, *, width: int | None, height: int | None, media_type: str | None = None
) -> Upload:
    """A picture that stands elsewhere and comes through Discord's media proxy."""
    return Upload(
        filename=_name_in(url), url=proxy_url or url, size=None, media_type=media_type, width=width, height=height
    )


def _name_in(url: str) -> str:
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])[-100:] or "picture"


def _is_picture(filename: str, media_type: str | None) -> bool:
    kind = media_type or mimetypes.guess_type(filename)[0] or ""
    return kind.startswith("image/")


def avatar_of(user: discord.User | discord.Member) -> Upload | None:
    """Somebody's profile picture, the one they have in this server first; `None` when they never chose one."""
    own = user.guild_avatar if isinstance(user, discord.Member) else None
    avatar = own or user.avatar
    if avatar is None:
        return None
    return Upload(
        filename=f"{user.name}.png",
        url=avatar.replace(format="png", size=AVATAR_SIDE).url,
        size=None,
        media_type="image/png",
    )
