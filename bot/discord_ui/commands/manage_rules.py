"""`/manage block · unblock · blocked · channels · words`: who may ask for pictures, where, and in which words."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.manage_forms import form_button
from bot.discord_ui.wording import code_block, inline
from bot.domain.errors import InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.rules import Block
from bot.services.moderation import Moderation

Command = app_commands.Command[Any, ..., None]
Channel = app_commands.AppCommandChannel | app_commands.AppCommandThread

SHOWN = 25
"""Blocked people or channels on one card; the rest is counted."""


class AnyChannel(app_commands.Transformer):
    """A channel of whatever kind: discord.py's own options name a kind (16, media) that Discord's description lacks."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord offers to choose from."""
        return discord.AppCommandOptionType.channel

    async def transform(self, interaction: discord.Interaction[Any], value: Channel, /) -> Channel:
        """The channel as it is."""
        return value


Place = app_commands.Transform[Channel, AnyChannel]


def place_id(channel: Channel) -> int:
    """The id of a channel in which people can ask for pictures.

    Raises:
        InvalidRequest: it is a category.
    """
    if channel.type is discord.ChannelType.category:
        raise InvalidRequest("refused.channel_category")
    return channel.id


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCards:
    """What moderators read of their server's rules."""

    desk: Desk

    def blocked(self, blocks: list[Block]) -> Card:
        """Everybody who is blocked, with the reasons."""
        say = self.desk.texts.say
        if not blocks:
            return Card(paragraphs=(say("rules.nobody_blocked"),))
        lines = [self._block(block) for block in blocks[:SHOWN]]
        return Card(paragraphs=(f"### {say('rules.blocked_title')}", self._listed(lines, len(blocks))))

    def _block(self, block: Block) -> str:
        say = self.desk.texts.say
        reason = inline(block.reason) if block.reason else say("rules.no_reason")
        return say("rules.blocked_line", user_id=block.user_id, at=block.blocked_at, by=block.blocked_by, reason=reason)

    def channels(self, settings: GuildSettings) -> Card:
        """Where pictures may be asked for."""
        say = self.desk.texts.say
        allowed, denied = (_channels(ids) for ids in (settings.channels_allowed, settings.channels_denied))
        lines = [say("rules.channels_allowed", channels=allowed) if allowed else say("rules.channels_open")]
        if denied:
            lines.append(say("rules.channels_denied", channels=denied))
        return Card(paragraphs=(f"### {say('rules.channels_title')}", "\n".join(lines)))

    def words(self, settings: GuildSettings) -> Card:
        """The words that prompts may not hold."""
        say = self.desk.texts.say
        add = form_button("add_words", say("button.add_words"))
        if not settings.words:
            return Card(paragraphs=(say("rules.no_words"),), rows=((add,),))
        title = say("rules.words_title", count=len(settings.words))
        return Card(
            paragraphs=(f"### {title}", code_block(_fitting(settings.words)), f"-# {say('rules.words_note')}"),
            rows=((add, form_button("remove_words", say("button.remove_words"))),),
        )

    def _listed(self, lines: list[str], total: int) -> str:
        more = [self.desk.texts.say("queue.more", count=total - len(lines))] if total > len(lines) else []
        return "\n".join([*lines, *more])


def manage_rules_commands(desk: Desk, moderation: Moderation) -> tuple[Command | app_commands.Group, ...]:
    """Build the commands."""
    cards = RuleCards(desk=desk)
    return (
        _block(desk, moderation),
        _unblock(desk, moderation),
        _blocked(desk, moderation, cards),
        _channels_group(desk, moderation, cards),
        _words_group(desk, moderation, cards),
    )


def _block(desk: Desk, moderation: Moderation) -> Command:
    say = desk.texts.say

    @app_commands.command(name="block", description=say("command.rules.block"))
    @app_commands.describe(user=say("command.rules.block_user"), reason=say("command.rules.reason"))
    async def block(
        interaction: discord.Interaction[Any], user: discord.User, reason: app_commands.Range[str, 0, 300] = ""
    ) -> None:
        if user.bot:
            raise InvalidRequest("refused.block_bot")
        await moderation.block(requester_of(interaction), user.id, reason)
        await desk.show(interaction, Card(paragraphs=(say("rules.was_blocked", user_id=user.id),)))

    return block


def _unblock(desk: Desk, moderation: Moderation) -> Command:
    say = desk.texts.say

    @app_commands.command(name="unblock", description=say("command.rules.unblock"))
    @app_commands.describe(user=say("command.rules.unblock_user"))
    async def unblock(interaction: discord.Interaction[Any], user: discord.User) -> None:
        await moderation.unblock(requester_of(interaction), user.id)
        await desk.show(interaction, Card(paragraphs=(say("rules.was_unblocked", user_id=user.id),)))

    return unblock


def _blocked(desk: Desk, moderation: Moderation, cards: RuleCards) -> Command:
    @app_commands.command(name="blocked", description=desk.texts.say("command.rules.blocked"))
    async def blocked(interaction: discord.Interaction[Any]) -> None:
        await desk.show(interaction, cards.blocked(await moderation.blocked(requester_of(interaction))))

    return blocked


def _channels_group(desk: Desk, moderation: Moderation, cards: RuleCards) -> app_commands.Group:
    say = desk.texts.say
    group = app_commands.Group(name="channels", description=say("command.rules.channels"))

    @group.command(name="allow", description=say("command.rules.channels_allow"))
    @app_commands.describe(channel=say("command.rules.channel"))
    async def allow(interaction: discord.Interaction[Any], channel: Place) -> None:
        settings = await moderation.allow_channel(requester_of(interaction), place_id(channel))
        await desk.show(interaction, cards.channels(settings))

    @group.command(name="deny", description=say("command.rules.channels_deny"))
    @app_commands.describe(channel=say("command.rules.channel"))
    async def deny(interaction: discord.Interaction[Any], channel: Place) -> None:
        settings = await moderation.deny_channel(requester_of(interaction), place_id(channel))
        await desk.show(interaction, cards.channels(settings))

    @group.command(name="list", description=say("command.rules.channels_list"))
    async def show(interaction: discord.Interaction[Any]) -> None:
        await desk.show(interaction, cards.channels(await moderation.settings(requester_of(interaction))))

    return group


def _words_group(desk: Desk, moderation: Moderation, cards: RuleCards) -> app_commands.Group:
    say = desk.texts.say
    group = app_commands.Group(name="words", description=say("command.rules.words"))

    @group.command(name="add", description=say("command.rules.words_add"))
    @app_commands.describe(word=say("command.rules.word"))
    async def add(interaction: discord.Interaction[Any], word: str) -> None:
        (kept,) = await moderation.add_words(requester_of(interaction), [word])
        await desk.show(interaction, Card(paragraphs=(say("rules.word_added", word=inline(kept)),)))

    @group.command(name="remove", description=say("command.rules.words_remove"))
    @app_commands.describe(word=say("command.rules.word"))
    async def remove(interaction: discord.Interaction[Any], word: str) -> None:
        (gone,) = await moderation.remove_words(requester_of(interaction), [word])
        await desk.show(interaction, Card(paragraphs=(say("rules.word_removed", word=inline(gone)),)))

    @remove.autocomplete("word")
    async def known(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        words = (await moderation.settings(requester_of(interaction))).words
        fitting = [word for word in words if current.casefold() in word]
        return [app_commands.Choice(name=word, value=word) for word in fitting[:SHOWN]]

    @group.command(name="list", description=say("command.rules.words_list"))
    async def show(interaction: discord.Interaction[Any]) -> None:
        await desk.show(interaction, cards.words(await moderation.settings(requester_of(interaction))))

    @group.command(name="test", description=say("command.rules.words_test"))
    @app_commands.describe(text=say("command.rules.text"))
    async def test(interaction: discord.Interaction[Any], text: str) -> None:
        hit = await moderation.test_words(requester_of(interaction), text)
        if hit is None:
            answer = say("rules.test_passes")
        else:
            answer = say("rules.test_blocked", rule=inline(hit.rule), passage=inline(hit.passage))
        await desk.show(interaction, Card(paragraphs=(answer, code_block(text[:1000]))))

    return group


def _channels(ids: tuple[int, ...]) -> str:
    shown = [f"<#{each}>" for each in ids[:SHOWN]]
    return ", ".join([*shown, f"… +{len(ids) - SHOWN}"] if len(ids) > SHOWN else shown)


def _fitting(words: tuple[str, ...]) -> str:
    """The words with commas, cut where Discord takes no more text (4000 characters on a message)."""
    text = ", ".join(words)
    return text if len(text) <= 3500 else f"{text[:3500]} …"
