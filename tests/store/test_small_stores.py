"""Rules, settings, audit entries, uploads and marks come back as they were kept."""

from __future__ import annotations

from sqlalchemy import update

from bot.domain.guild import GuildSettings, Pressers, ThreadMode
from bot.domain.money import Money
from bot.domain.quota import Per, QuotaRule, Subject, SubjectKind, Unit
from bot.store.audit import AuditStore
from bot.store.database import Database
from bot.store.guilds import GuildStore
from bot.store.marks import MarkStore
from bot.store.quotas import QuotaStore
from bot.store.tables import guild_settings
from bot.store.uploads import UploadStore


async def test_a_subject_has_one_rule_and_a_new_one_takes_its_place(database: Database) -> None:
    quotas = QuotaStore()
    person = QuotaRule(
        subject=Subject(kind=SubjectKind.USER, id=2**62), amount=0, unit=Unit.CREDITS, per=Per.MONTH, cooldown=30
    )
    everyone = QuotaRule(amount=3, at_once=1, queue=0)
    role = QuotaRule(subject=Subject(kind=SubjectKind.ROLE, id=5), amount=7)
    for rule in (person, everyone, QuotaRule(subject=role.subject, amount=1), role):
        await database.write(lambda tx, rule=rule: quotas.set_rule(tx, 10, rule))
    await database.write(lambda tx: quotas.set_rule(tx, 11, everyone))

    assert await database.read(lambda tx: quotas.rules(tx, 10)) == [everyone, role, person]
    assert await database.write(lambda tx: quotas.remove_rule(tx, 10, role.subject)) is True
    assert await database.write(lambda tx: quotas.remove_rule(tx, 10, role.subject)) is False
    assert await database.read(lambda tx: quotas.rules(tx, 10)) == [everyone, person]
    assert await database.read(lambda tx: quotas.rules(tx, 12)) == []


async def test_a_server_without_choices_has_the_defaults(database: Database) -> None:
    guilds = GuildStore()
    chosen = GuildSettings(thread_mode=ThreadMode.CHANNEL, pressers=Pressers.REQUESTER, return_moderated=True)
    assert await database.read(lambda tx: guilds.get(tx, 10)) == GuildSettings()
    for settings in (GuildSettings(), chosen):
        await database.write(lambda tx, settings=settings: guilds.put(tx, 10, settings, by=9, at=1.0))

    assert await database.read(lambda tx: guilds.get(tx, 10)) == chosen
    # Kept by an earlier version that knew fewer choices.
    await database.write(lambda tx: tx.execute(update(guild_settings).values(settings='{"pressers": "requester"}')))
    assert await database.read(lambda tx: guilds.get(tx, 10)) == GuildSettings(pressers=Pressers.REQUESTER)


async def test_changes_are_listed_newest_first(database: Database) -> None:
    audit = AuditStore()
    for number in range(3):
        await database.write(
            lambda tx, number=number: audit.record(
                tx,
                guild_id=10,
                actor_id=9,
                action="quota.set",
                subject=f"<@{number}>",
                before=None,
                after={"amount": number, "per": Per.DAY, "price": Money.dollars("0.05")},
                at=float(number),
            )
        )
    latest = await database.read(lambda tx: audit.latest(tx, guild_id=10, limit=2))

    assert [(entry.subject, entry.before, entry.created_at) for entry in latest] == [
        ("<@2>", None, 2.0),
        ("<@1>", None, 1.0),
    ]
    assert latest[0].after == {"amount": 2, "per": "day", "price": "$0.05"}
    assert await database.read(lambda tx: audit.latest(tx, guild_id=11)) == []


async def test_an_upload_is_good_until_it_expires(database: Database) -> None:
    uploads = UploadStore()
    for uri, expires_at in (("old", 50.0), ("new", 100.0)):
        await database.write(
            lambda tx, uri=uri, expires_at=expires_at: uploads.put(
                tx, provider="runway", sha256="aa", uri=uri, expires_at=expires_at
            )
        )

    async def address(now: float, provider: str = "runway") -> str | None:
        return await database.read(lambda tx: uploads.get(tx, provider=provider, sha256="aa", now=now))

    assert [await address(60.0), await address(100.0), await address(60.0, "other")] == ["new", None, None]
    assert await database.write(lambda tx: uploads.purge(tx, now=99.0)) == 0
    assert await database.write(lambda tx: uploads.purge(tx, now=100.0)) == 1
    assert await address(60.0) is None


async def test_a_mark_is_remembered_and_replaced(database: Database) -> None:
    marks = MarkStore()
    assert await database.read(lambda tx: marks.get(tx, "boot")) is None
    for value in ("1", "2"):
        await database.write(lambda tx, value=value: marks.put(tx, "boot", value))
    assert await database.read(lambda tx: marks.get(tx, "boot")) == "2"
