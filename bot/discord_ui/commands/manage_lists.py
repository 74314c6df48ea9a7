"""What `/manage quota list` shows and `/manage quota export` gives: every rule of a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.discord_ui.cards import Card, CardFile
from bot.discord_ui.wording import Wording
from bot.domain.quota import QuotaRule, Subject, SubjectKind
from bot.services.quotas import RuleList
from bot.services.tables import as_csv
from bot.texts import Texts

ROWS = 20
"""Rules on one card: with mentions and words that is less than the 4000 characters that Discord shows."""

COLUMNS = ("applies_to", "id", "name", "amount", "unit", "per", "at_once", "queue", "cooldown_seconds", "granted_units")

NameOf = Callable[[Subject], str]
"""What a subject is called, as far as the bot knows; empty when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLists:
    """The screen and the table."""

    texts: Texts
    wording: Wording

    def card(self, listed: RuleList) -> Card:
        """The rules in the order in which the less specific ones come first."""
        say = self.texts.say
        lines = [f"**{self.wording.subject(rule.subject)}** · {self._rule(rule)}" for rule in listed.rules[:ROWS]]
        if len(listed.rules) > ROWS:
            lines.append(say("quotas.more", count=len(listed.rules) - ROWS))
        if not any(rule.subject.kind is SubjectKind.EVERYONE for rule in listed.rules):
            lines.insert(0, f"**{say('quotas.default')}** · {self._rule(listed.default)}")
        notes = f"-# {say('quotas.order')} {say('quotas.timezone', timezone=listed.timezone)}"
        return Card(paragraphs=(f"### {say('quotas.title')}", "\n".join(lines), notes))

    def _rule(self, rule: QuotaRule) -> str:
        words = self.texts.say(
            "quotas.rule",
            amount=rule.amount,
            unit=self.wording.unit(rule.unit, rule.amount),
            per=self.texts.say(f"per.{rule.per}"),
            at_once=rule.at_once,
            queue=rule.queue,
        )
        return f"{words} {self.texts.say('quota.cooldown', cooldown=rule.cooldown)}" if rule.cooldown else words

    def exported(self, listed: RuleList, name_of: NameOf) -> Card:
        """All rules as a table, the bot's default first; subjects that only got extra units have no rule in it."""
        rows: list[list[object]] = [["default", 0, "", *_numbers(listed.default), 0]]
        rules = {rule.subject: _numbers(rule) for rule in listed.rules}
        for subject in [*rules, *(given for given in listed.granted if given not in rules)]:
            numbers = rules.get(subject, [""] * 6)
            rows.append([subject.kind, subject.id, name_of(subject), *numbers, listed.granted.get(subject, 0)])
        file = CardFile(filename="quotas.csv", content=as_csv(COLUMNS, rows))
        return Card(paragraphs=(self.texts.say("quotas.exported", count=len(listed.rules)),), files=(file,))


def _numbers(rule: QuotaRule) -> list[object]:
    return [rule.amount, rule.unit, rule.per, rule.at_once, rule.queue, rule.cooldown]
