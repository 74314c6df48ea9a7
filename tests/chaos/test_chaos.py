"""A short campaign on each database, and proof that the reckoning would notice what must never happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.job import Delivery
from tests.chaos.campaign import Campaign
from tests.chaos.faults import DISCORD, DRIP, DRIPPING, PAID, REFUSALS, REFUSED, TRICKLE, Extent
from tests.chaos.laboratory import open_laboratory
from tests.chaos.reckoning import Evidence, after_a_round, gather, when_all_is_quiet
from tests.chaos.rounds import DiscordFault, draw
from tests.support.postgres import postgres_or_skip
from tests.support.studio import THREAD

QUICK = ("runway",)
"""Without a history that is asked for half a minute."""


@pytest.mark.parametrize(("database", "rounds"), [("sqlite", 12), ("postgresql", 6)])
async def test_random_requests_survive_random_deaths_among_random_faults(database: str, rounds: int) -> None:
    if database == "postgresql":
        postgres_or_skip()
    campaign = Campaign(seed=7, database=database, say=print, services=QUICK)
    tally = await campaign.run(rounds=rounds)
    assert tally.rounds == rounds
    assert tally.accepted, "this seed buys something"


def test_a_seed_draws_the_same_rounds_again() -> None:
    for number in range(1, 50):
        assert draw(7, 3, number, database="sqlite") == draw(7, 3, number, database="sqlite")
    assert draw(7, 3, 1, database="sqlite") != draw(8, 3, 1, database="sqlite")


def test_every_kind_of_fault_is_drawn() -> None:
    rounds = [draw(7, 1, number, database="sqlite") for number in range(1, 3000)]
    services = {fault.name for each in rounds for _, fault in each.paid}
    assert services == {fault.name for fault in (*PAID, *DRIPPING)}
    at_discord = {(fault.wrong.partition(" of ")[0], fault.extent) for each in rounds for fault in each.discord}
    passing = {(wrong, Extent.CALL) for wrong in (*DISCORD, DRIP, TRICKLE)}
    assert at_discord == passing | {(wrong, extent) for wrong in REFUSALS for extent in Extent}


@pytest.mark.parametrize(
    ("extent", "stands"),
    [(Extent.CALL, "in the channel"), (Extent.CHANNEL, "in direct messages"), (Extent.EVERYWHERE, "nowhere")],
)
async def test_a_refusal_that_is_scripted_explains_where_a_result_stands(
    tmp_path: Path, extent: Extent, stands: str
) -> None:
    async with open_laboratory(tmp_path, database="sqlite", services=QUICK) as lab:
        routes = [("POST", THREAD)] if extent is Extent.CALL else REFUSED[:2]
        for method, template in routes:
            refusal = REFUSALS["403, 50013"]
            lab.arrange_at_discord(
                DiscordFault(method=method, template=template, wrong="refused", script=refusal, extent=extent)
            )
        await lab.studio.imagine("a boat, picture nr 1", reference=False)
        await lab.studio.settled()
        evidence = await gather(lab)
        assert await when_all_is_quiet(lab, evidence) == []
        (record,) = evidence.books.requests
        thread, channel, direct = evidence.places.way(record)
        found = [int(each["channel_id"]) for each in evidence.posts.get(1, [])]
        assert found == {"in the channel": [channel], "in direct messages": [direct], "nowhere": []}[stands]
        assert thread not in found
        unexplained = replace(evidence.places, threads=frozenset(), posts=frozenset(), forbidden=frozenset())
        assert after_a_round(lab, replace(evidence, places=unexplained)) != []


def bought_twice(evidence: Evidence) -> Evidence:
    return replace(evidence, bought=[*evidence.bought, replace(evidence.bought[0], task_id="another")])


def posted_twice(evidence: Evidence) -> Evidence:
    return replace(evidence, posts={request: messages * 2 for request, messages in evidence.posts.items()})


def forgotten(evidence: Evidence) -> Evidence:
    return replace(evidence, books=replace(evidence.books, requests=[]), posts={}, bought=[])


def never_posted(evidence: Evidence) -> Evidence:
    return replace(evidence, posts={})


def charged_for_nothing(evidence: Evidence) -> Evidence:
    return replace(evidence, bought=[replace(each, billed=0.0) for each in evidence.bought])


def posted_elsewhere(evidence: Evidence) -> Evidence:
    (direct, *_) = evidence.places.direct.values()
    posts = {key: [{**each, "channel_id": str(direct)} for each in all_] for key, all_ in evidence.posts.items()}
    return replace(evidence, posts=posts)


def kept_for_no_reason(evidence: Evidence) -> Evidence:
    requests = [replace(each, delivery=Delivery.UNDELIVERABLE) for each in evidence.books.requests]
    return replace(evidence, posts={}, books=replace(evidence.books, requests=requests))


def kept_although_posted(evidence: Evidence) -> Evidence:
    return replace(kept_for_no_reason(evidence), posts=evidence.posts)


def wrong_sum(evidence: Evidence) -> Evidence:
    return replace(evidence, books=replace(evidence.books, wrong=["job 1 has no hold"]))


async def test_the_reckoning_notices_what_must_never_happen(tmp_path: Path) -> None:
    async with open_laboratory(tmp_path, database="sqlite", services=QUICK) as lab:
        await lab.studio.closed(await lab.studio.imagine("a boat, picture nr 1", reference=False))
        await lab.studio.settled()
        evidence = await gather(lab)
        assert await when_all_is_quiet(lab, evidence) == []
        told: dict[Callable[[Evidence], Evidence], str] = {
            bought_twice: "DOUBLE: picture nr 1 was accepted 2 times",
            posted_twice: "DUPLICATE: request 1 was posted 2 times",
            forgotten: "was answered, but its request is not kept",
            posted_elsewhere: "request 1 was posted in",
            kept_for_no_reason: "LOST: request 1 was not delivered",
            kept_although_posted: "request 1 counts as undeliverable, but stands in",
            wrong_sum: "job 1 has no hold",
        }
        for broken, sentence in told.items():
            assert sentence in "\n".join(after_a_round(lab, broken(evidence)))
        told = {never_posted: "has pictures that nobody can see", charged_for_nothing: "its service billed $0.00"}
        for broken, sentence in told.items():
            assert sentence in "\n".join(await when_all_is_quiet(lab, broken(evidence)))
