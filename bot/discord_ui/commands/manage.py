"""`/manage quota show · set · grant · reset`: moderators only, asked for their right each time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import ButtonSpec, Card
from bot.discord_ui.commands.account import AccountCards
from bot.discord_ui.commands.manage_lists import RuleLists
from bot.discord_ui.desk import Desk
from bot.discord_ui.headcount import Headcount
from bot.discord_ui.manage_forms import form_button
from bot.domain.errors import InvalidRequest
from bot.domain.job import Requester
from bot.domain.quota import Per, QuotaRule, Subject, SubjectKind, Unit
from bot.services.changes import check_moderator
from bot.services.quotas import QuotaService, QuotaView

_LETTERS = {"e": SubjectKind.EVERYONE, "r": SubjectKind.ROLE, "u": SubjectKind.USER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manage:
    """What the commands and their Confirm buttons do."""

    desk: Desk
    quotas: QuotaService
    cards: AccountCards
    headcount: Headcount
    lists: RuleLists

    async def show(self, interaction: discord.Interaction[Any], subject: Subject, person: Requester | None) -> None:
        """The quota of a person, or the rule of a role or of everyone."""
        moderator = requester_of(interaction)
        check_moderator(moderator)
        if person is not None:
            card = self.cards.quota(await self.quotas.show(person), of=subject)
            await self.desk.show(interaction, replace(card, rows=((self._change(subject),),)))
            return
        roles = (subject.id,) if subject.kind is SubjectKind.ROLE else ()
        view = await self.quotas.show(Requester(user_id=0, guild_id=moderator.guild_id, role_ids=roles))
        await self.desk.show(interaction, self._rule_card(view, subject))

    async def list(self, interaction: discord.Interaction[Any]) -> None:
        """Every rule of the server."""
        listed = await self.quotas.rules(requester_of(interaction))
        await self.desk.show(interaction, self.lists.card(listed))

    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Every rule of the server as a table to take away."""
        listed = await self.quotas.rules(requester_of(interaction))
        roles = {role.id: role.name for role in interaction.guild.roles} if interaction.guild else {}
        await self.desk.show(interaction, self.lists.exported(listed, lambda subject: roles.get(subject.id, "")))

    def _rule_card(self, view: QuotaView, subject: Subject) -> Card:
        title = self.desk.texts.say("quota.title_of", subject=self.desk.wording.subject(subject))
        return Card(paragraphs=(f"### {title}", self.cards.rule(view)), rows=((self._change(subject),),))

    def _change(self, subject: Subject) -> ButtonSpec:
        return form_button("quota", self.desk.texts.say("button.change"), f"{subject.kind.value[0]}{subject.id}")

    async def set(self, interaction: discord.Interaction[Any], rule: QuotaRule) -> None:
        """Put a rule in force; asks first when it touches many people."""
        check_moderator(requester_of(interaction))
        if rule.subject.kind is not SubjectKind.USER:
            arguments = f"{rule.amount}:{rule.unit}:{rule.per}:{rule.cooldown}:{rule.at_once}"
            await self._ask(interaction, "set", rule.subject, arguments, **self._words(rule))
            return
        await self._set(interaction, rule)

    async def grant(self, interaction: discord.Interaction[Any], subject: Subject, units: int) -> None:
        """Give extra units; asks first when it touches many people."""
        moderator = requester_of(interaction)
        check_moderator(moderator)
        rule = await self.quotas.rule(moderator.guild_id, subject)
        unit = self.desk.wording.unit(rule.unit, units)
        if subject.kind is not SubjectKind.USER:
            await self._ask(interaction, "grant", subject, str(units), amount=units, unit=unit)
            return
        await self._grant(interaction, subject, units)

    async def reset(self, interaction: discord.Interaction[Any], subject: Subject) -> None:
        """Let the window start anew; asks first when it touches many people."""
        check_moderator(requester_of(interaction))
        if subject.kind is not SubjectKind.USER:
            await self._ask(interaction, "reset", subject, "")
            return
        await self._reset(interaction, subject)

    async def confirmed(self, interaction: discord.Interaction[Any], what: str, rest: str) -> None:
        """Confirm was pressed: the right is asked for again, the rest stands in the button.

        Raises:
            InvalidRequest: the button says nothing that can be carried out.
        """
        whom, *arguments = rest.split(":")
        subject = subject_in(whom)
        match what, arguments:
            case "set", [amount, unit, per, *others] if unit in set(Unit) and per in set(Per):
                cooldown, at_once = _numbers(others, 2)
                rule = self.quotas.drafted(
                    subject,
                    amount=_numbers([amount], 1)[0],
                    unit=Unit(unit),
                    per=Per(per),
                    cooldown=cooldown,
                    at_once=at_once,
                )
                await self._set(interaction, rule)
            case "grant", [units]:
                await self._grant(interaction, subject, *_numbers([units], 1))
            case "reset", _:
                await self._reset(interaction, subject)
            case _:
                raise InvalidRequest("refused.confirm_stale")

    async def _set(self, interaction: discord.Interaction[Any], rule: QuotaRule) -> None:
        await self.quotas.set(requester_of(interaction), rule)
        await self._done(interaction, "quota.was_set", rule.subject, **self._words(rule))

    async def _grant(self, interaction: discord.Interaction[Any], subject: Subject, units: int) -> None:
        moderator = requester_of(interaction)
        await self.quotas.grant(moderator, subject, units)
        rule = await self.quotas.rule(moderator.guild_id, subject)
        unit = self.desk.wording.unit(rule.unit, units)
        await self._done(interaction, "quota.was_granted", subject, amount=units, unit=unit)

    async def _reset(self, interaction: discord.Interaction[Any], subject: Subject) -> None:
        await self.quotas.reset(requester_of(interaction), subject)
        await self._done(interaction, "quota.was_reset", subject)

    def _words(self, rule: QuotaRule) -> dict[str, object]:
        return {
            "amount": rule.amount,
            "unit": self.desk.wording.unit(rule.unit, rule.amount),
            "per": self.desk.texts.say(f"per.{rule.per}"),
            "at_once": rule.at_once,
        }

    async def _ask(
        self, interaction: discord.Interaction[Any], what: str, subject: Subject, arguments: str, **values: object
    ) -> None:
        say = self.desk.texts.say
        question = say(f"quota.confirm_{what}", subject=self.desk.wording.subject(subject), **values)
        custom_id = f"v1:confirm:{what}:{subject.kind.value[0]}{subject.id}"
        button = ButtonSpec(
            custom_id=f"{custom_id}:{arguments}" if arguments else custom_id,
            label=say("button.confirm"),
            primary=True,
        )
        touched = await self.headcount.of(interaction, requester_of(interaction), subject)
        await self.desk.show(interaction, Card(paragraphs=(question, touched), rows=((button,),)))

    async def _done(self, interaction: discord.Interaction[Any], key: str, subject: Subject, **values: object) -> None:
        text = self.desk.texts.say(key, subject=self.desk.wording.subject(subject), **values)
        await self.desk.show_or_replace(interaction, Card(paragraphs=(text,)))


def _numbers(texts: list[str], count: int) -> list[int]:
    if len(texts) != count or not all(text.isdecimal() for text in texts):
        raise InvalidRequest("refused.confirm_stale")
    return [int(text) for text in texts]


def subject_in(text: str) -> Subject:
    """Whom a button is about.

    Raises:
        InvalidRequest: it names nobody.
    """
    match = re.fullmatch(r"(?P<kind>[eru])(?P<id>[0-9]{1,19})", text)
    if match is None:
        raise InvalidRequest("refused.confirm_stale")
    return Subject(kind=_LETTERS[match["kind"]], id=int(match["id"]))


def subject_of(user: discord.User | discord.Member | None, role: discord.Role | None) -> Subject:
    """Whom a command is about; neither user nor role means everyone.

    Raises:
        InvalidRequest: both were given.
    """
    if user is not None and role is not None:
        raise InvalidRequest("refused.one_subject")
    if user is not None:
        return Subject(kind=SubjectKind.USER, id=user.id)
    if role is not None and not role.is_default():
        return Subject(kind=SubjectKind.ROLE, id=role.id)
    return Subject()
