"""The rules of a server as its moderators make them: who may ask for pictures, where, and in which words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.domain.rules import Block, with_channel_allowed, with_channel_denied
from bot.domain.text import clean_text
from bot.domain.words import Hit, added, check_word, plain_word, word_filter
from bot.services.changes import Changes, check_moderator
from bot.services.ports import Clock
from bot.store.blocks import BlockStore
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore

LISTED = 100
"""Blocked people that are shown, the latest first."""

MAX_REASON = 300
"""Characters of a reason; more is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One change of a server's settings, and what of them the audit trail shows before and after."""

    action: Change
    subject: str
    make: Callable[[GuildSettings], GuildSettings]
    shown: Callable[[GuildSettings], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """Each call asks for the moderator's right anew, and each change is in the audit trail with before and after.

    All methods raise `NotAllowed` when no moderator of this server asks. Repeating a change changes nothing. Changes in
    one server take turns, so that none is lost to another one made at the same moment.
    """

    database: Database
    guilds: GuildStore
    blocks: BlockStore
    changes: Changes
    clock: Clock

    async def block(self, moderator: Requester, user_id: int, reason: str) -> Block:
        """Keep a person from asking for pictures and pressing buttons; what is under way is finished.

        Raises:
            InvalidRequest: moderators do not block themselves.
        """
        check_moderator(moderator)
        return await self.database.write(
            lambda tx: self.block_in(tx, moderator, user_id, reason), lock=moderator.guild_id
        )

    async def block_in(self, tx: Transaction, moderator: Requester, user_id: int, reason: str) -> Block:
        """Do so as a part of something else that a moderator decides; changes of the server take turns there too."""
        if user_id == moderator.user_id:
            raise InvalidRequest("refused.block_self")
        reason = clean_text(reason)[:MAX_REASON]
        block = Block(user_id=user_id, reason=reason, blocked_by=moderator.user_id, blocked_at=self.clock())
        before = await self.blocks.get(tx, moderator.guild_id, user_id)
        if before is not None and before.reason == reason:
            return before
        await self.blocks.put(tx, moderator.guild_id, block)
        await self.changes.note(
            tx,
            moderator,
            Change.BLOCK,
            subject=f"user:{user_id}",
            before=None if before is None else {"reason": before.reason},
            after={"reason": reason},
        )
        return block

    async def unblock(self, moderator: Requester, user_id: int) -> None:
        """Let a person ask for pictures again.

        Raises:
            NotFound: they are not blocked.
        """
        check_moderator(moderator)

        async def write(tx: Transaction) -> None:
            before = await self.blocks.get(tx, moderator.guild_id, user_id)
            if before is None:
                raise NotFound("refused.not_blocked", subject=f"<@{user_id}>")
            await self.blocks.remove(tx, moderator.guild_id, user_id)
            await self.changes.note(
                tx,
                moderator,
                Change.UNBLOCK,
                subject=f"user:{user_id}",
                before={"reason": before.reason},
                after=None,
            )

        await self.database.write(write, lock=moderator.guild_id)

    async def blocked(self, moderator: Requester) -> list[Block]:
        """The people who are blocked, the latest first."""
        check_moderator(moderator)
        return await self.database.read(lambda tx: self.blocks.latest(tx, moderator.guild_id, limit=LISTED))

    async def settings(self, moderator: Requester) -> GuildSettings:
        """Channels and words as they stand."""
        check_moderator(moderator)
        return await self.database.read(lambda tx: self.guilds.get(tx, moderator.guild_id))

    async def allow_channel(self, moderator: Requester, channel_id: int) -> GuildSettings:
        """Open a channel for pictures, as `with_channel_allowed` says.

        Raises:
            InvalidRequest: the list is full.
        """
        change = _Change(
            action=Change.CHANNEL_ALLOW,
            subject=f"channel:{channel_id}",
            make=lambda now: with_channel_allowed(now, channel_id),
            shown=_channels,
        )
        return await self._change(moderator, change)

    async def deny_channel(self, moderator: Requester, channel_id: int) -> GuildSettings:
        """Close a channel for pictures.

        Raises:
            InvalidRequest: the list is full.
        """
        change = _Change(
            action=Change.CHANNEL_DENY,
            subject=f"channel:{channel_id}",
            make=lambda now: with_channel_denied(now, channel_id),
            shown=_channels,
        )
        return await self._change(moderator, change)

    async def add_words(self, moderator: Requester, texts: Iterable[str]) -> list[str]:
        """Accept words or phrases in prompts no more, all of them or none; the words as they are kept.

        Raises:
            InvalidRequest: one cannot be a rule, or the list is full.
        """
        words = list(dict.fromkeys(check_word(text) for text in texts))
        changes = [_listing(Change.WORD_ADD, word, lambda now, word: added(now.words, word)) for word in words]
        await self._change(moderator, *changes)
        return words

    async def remove_words(self, moderator: Requester, texts: Sequence[str]) -> list[str]:
        """Accept words or phrases again, all of them or none; the words as they were kept.

        Raises:
            NotFound: one is not on the list.
        """

        def without(now: GuildSettings, word: str) -> tuple[str, ...]:
            if word not in now.words:
                raise NotFound("refused.no_such_word", value=word)
            return tuple(each for each in now.words if each != word)

        words = list(dict.fromkeys(plain_word(text) for text in texts))
        await self._change(moderator, *(_listing(Change.WORD_REMOVE, word, without) for word in words))
        return words

    async def test_words(self, moderator: Requester, text: str) -> Hit | None:
        """Which rule a prompt would break; nothing is asked for and nothing is noted."""
        settings = await self.settings(moderator)
        return await asyncio.to_thread(lambda: word_filter(settings.words).find([text]))

    async def _change(self, moderator: Requester, *changes: _Change) -> GuildSettings:
        check_moderator(moderator)

        async def write(tx: Transaction) -> GuildSettings:
            settings = await self.guilds.get(tx, moderator.guild_id)
            for change in changes:
                settings = await self._make(tx, moderator, change, settings)
            return settings

        return await self.database.write(write, lock=moderator.guild_id)

    async def _make(
        self, tx: Transaction, moderator: Requester, change: _Change, before: GuildSettings
    ) -> GuildSettings:
        after = change.make(before)
        if after != before:
            await self.guilds.put(tx, moderator.guild_id, after, by=moderator.user_id, at=self.clock())
            shown = change.shown(before), change.shown(after)
            await self.changes.note(
                tx, moderator, change.action, subject=change.subject, before=shown[0], after=shown[1]
            )
        return after


def _listing(action: Change, word: str, words: Callable[[GuildSettings, str], tuple[str, ...]]) -> _Change:
    """A word that comes to the list or goes."""
    return _Change(
        action=action,
        subject=f"word:{word}",
        make=lambda now: replace(now, words=words(now, word)),
        shown=lambda settings: {"listed": word in settings.words},
    )


def _channels(settings: GuildSettings) -> dict[str, object]:
    return {"allowed": list(settings.channels_allowed), "denied": list(settings.channels_denied)}
