"""What must be true after every round, and what once all is quiet: findings are sentences, none is good."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.job import Delivery, Job, JobState, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, Money
from bot.playground.actors import Person
from tests.chaos.faults import PaidFault
from tests.chaos.laboratory import QUOTA, Bought, Laboratory, mark_of
from tests.chaos.places import Places
from tests.support.bench import Json, components, galleries, text_of
from tests.support.books import Books
from tests.support.doomed import PEOPLE

BUTTON_OF = re.compile(r'"v1:reroll:(\d+)"')
SENT = {JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING, JobState.SUCCEEDED, JobState.LOST}
"""States of a job that may have been submitted although no task is recorded for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that tells what happened: the bot's store, the services' bills, and what stands on Discord."""

    books: Books
    bought: Sequence[Bought]
    posts: dict[int, list[Json]]
    places: Places

    def jobs(self) -> list[tuple[RequestRecord, Job]]:
        """Every job with its request."""
        return [(record, job) for record in self.books.requests for job in record.jobs]

    def is_elsewhere(self, record: RequestRecord) -> bool:
        """Whether the result stands in another place than where it belongs."""
        belongs = self.places.way(record)[0]
        return any(int(each["channel_id"]) != belongs for each in self.posts.get(int(record.id), []))


async def gather(lab: Laboratory) -> Evidence:
    """Look at everything as it stands."""
    posts: dict[int, list[Json]] = defaultdict(list)
    places = Places.seen(lab.studio.discord)
    for message in _results(lab, places):
        found = BUTTON_OF.search(json.dumps(message["components"]))
        posts[int(found[1]) if found else 0].append(message)
    return Evidence(books=await lab.studio.books(), bought=lab.bought(), posts=posts, places=places)


def _results(lab: Laboratory, places: Places) -> list[Json]:
    """Every message with pictures, in direct messages too."""
    channels = dict.fromkeys([*lab.studio.places(), *map(str, places.direct.values())])
    return [each for channel in channels for each in lab.studio.discord.messages(channel) if galleries(each)]


def after_a_round(lab: Laboratory, evidence: Evidence) -> list[str]:
    """What is wrong, of all that must hold at every moment. Notes the jobs whose submission is of unknown fate."""
    lab.unsure |= {job.id for _, job in evidence.jobs() if job.state is JobState.SUBMITTING}
    return [*evidence.books.wrong, *_answers(lab, evidence), *_submissions(evidence), *_posts(evidence)]


def _answers(lab: Laboratory, evidence: Evidence) -> list[str]:
    """An answered request is in the store; there is one request for an interaction (I7)."""
    by_interaction: dict[int, list[RequestRecord]] = defaultdict(list)
    for record in evidence.books.requests:
        by_interaction[record.interaction_id or 0].append(record)
    wrong = [
        f"interaction {each} became {len(all_)} requests" for each, all_ in by_interaction.items() if len(all_) > 1
    ]
    for interaction in lab.studio.discord.interactions():
        if interaction.message_id is None:
            continue
        seen = lab.studio.discord.messages(interaction.channel_id, interaction.user_id)
        card = next((each for each in seen if each["id"] == interaction.message_id), None)
        if card is None or card["ephemeral"] or not components(card):
            continue
        kept = by_interaction.get(int(interaction.id), [])
        if not kept or kept[0].delivery is Delivery.WITHDRAWN:
            wrong.append(f"LOST: interaction {interaction.id} was answered, but its request is not kept")
        elif kept[0].card_message_id not in {None, int(card["id"])}:
            wrong.append(f"request {kept[0].id} has another card than the one people see")
    return wrong


def _submissions(evidence: Evidence) -> list[str]:
    """No job was sent twice, by the services' own records (I4, I5, I6)."""
    recorded = Counter(job.task_id for _, job in evidence.jobs() if job.task_id)
    wrong = [f"task {task} belongs to {times} jobs" for task, times in recorded.items() if times > 1]
    bought = Counter(each.mark for each in evidence.bought)
    billed = Counter(each.mark for each in evidence.bought if each.billed)
    allowed: Counter[int] = Counter()
    payable: Counter[int] = Counter()
    for record, job in evidence.jobs():
        mark = mark_of(record.request.prompt)
        payable[mark] += 1
        allowed[mark] += (job.task_id is not None or job.state in SENT) + job.retries
    wrong += [
        f"DOUBLE: picture nr {mark} was accepted {times} times by services, {allowed[mark]} can be accounted for"
        for mark, times in bought.items()
        if times > allowed[mark]
    ]
    wrong += [
        f"DOUBLE: picture nr {mark} was billed {times} times for {payable[mark]} job(s)"
        for mark, times in billed.items()
        if times > payable[mark]
    ]
    known = {each.task_id for each in evidence.bought}
    return wrong + [f"task {task} is no service's" for task in recorded if task not in known]


def _posts(evidence: Evidence) -> list[str]:
    """At most one result of a request stands anywhere, where it may, and it is the one that is recorded (I8)."""
    records = {int(record.id): record for record in evidence.books.requests}
    wrong: list[str] = []
    for request_id, messages in evidence.posts.items():
        record = records.get(request_id)
        if record is None or not record.outputs:
            wrong.append(f"a result of request {request_id} stands there, which has none")
            continue
        if len(messages) > 1:
            wrong.append(f"DUPLICATE: request {request_id} was posted {len(messages)} times")
        if record.result_message_id not in {None, int(messages[0]["id"])}:
            wrong.append(f"request {request_id} was posted, but another message is recorded")
        pictures = sum(len(galleries(each)) for each in messages[:1])
        if pictures != len(record.outputs):
            wrong.append(f"request {request_id} shows {pictures} of {len(record.outputs)} pictures")
    for record in evidence.books.requests:
        finding = evidence.places.finding(record, evidence.posts.get(int(record.id), []))
        wrong += [finding] if finding is not None else []
    return wrong


async def when_all_is_quiet(lab: Laboratory, evidence: Evidence) -> list[str]:
    """What is wrong besides, once every request must have come to its end and the bot is up."""
    wrong = after_a_round(lab, evidence)
    for record in evidence.books.requests:
        wrong += _ending(record, evidence)
    wrong += _explanations(lab, evidence) + _bills(evidence)
    charged = Counter(record.requester.user_id for record, job in evidence.jobs() if job.charged != FREE)
    for person in map(lab.studio.person, PEOPLE):
        left = await _left(lab, person)
        if left != QUOTA - charged[int(person.id)]:
            wrong.append(f"{person.name} has {left} left of {QUOTA}, but was charged {charged[int(person.id)]}")
    return wrong


async def _left(lab: Laboratory, person: Person) -> int:
    """What `/quota` says is left. A machine with too much to do may not answer within Discord's three seconds."""
    async with asyncio.timeout(120):
        while (asked := await person.slash("studio", "quota")).message_id is None:
            continue
    return int(text_of(lab.studio.card(asked)).split("**")[1].split(" of your ")[0])


def _ending(record: RequestRecord, evidence: Evidence) -> list[str]:
    """A request ended, and a made picture was delivered once."""
    if not record.ended or record.delivery is Delivery.PENDING:
        return [f"LOST: request {record.id} never ended: {[job.state.value for job in record.jobs]}, {record.delivery}"]
    posts = evidence.posts.get(int(record.id), [])
    if record.outputs and not posts and record.delivery is not Delivery.UNDELIVERABLE:
        return [f"LOST: request {record.id} has pictures that nobody can see"]
    return []


def _explanations(lab: Laboratory, evidence: Evidence) -> list[str]:
    """A job without its picture has a reason that the script of faults gives."""
    tasks = {each.task_id: each for each in evidence.bought}
    of_mark: dict[int, list[Bought]] = defaultdict(list)
    for each in evidence.bought:
        of_mark[each.mark].append(each)
    met = [fault for _, fault in lab.scripted]
    unknown, ends = sum(fault.unknown for fault in met), sum(fault.ends for fault in met)
    unknown += 8 * lab.met["database locked or cut off"]
    wrong: list[str] = []
    for record, job in evidence.jobs():
        faults = [each.fault for each in of_mark[mark_of(record.request.prompt)] if each.fault is not None]
        match job.state:
            case JobState.SUCCEEDED if job.task_id not in tasks:
                wrong.append(f"job {job.id} has a picture of nowhere")
            case JobState.LOST if job.id not in lab.unsure and not any(fault.unknown for fault in faults):
                unknown -= 1
            case JobState.FAILED if not any(fault.ends for fault in faults) and not _known_empty(job, met):
                ends -= 1
            case JobState.CANCELLED if job.cancel_requested_by is None and record.delivery is not Delivery.WITHDRAWN:
                wrong.append(f"job {job.id} was cancelled by nobody")
            case _:
                pass
    wrong += ["jobs are lost without a reason"] if unknown < 0 else []
    return wrong + (["jobs failed without a reason"] if ends < 0 else [])


def _known_empty(job: Job, met: Sequence[PaidFault]) -> bool:
    """Whether the job was not even sent because the account had been found empty before."""
    return job.failure_key == "provider.out_of_credits" and any("no credits" in fault.name for fault in met)


def _bills(evidence: Evidence) -> list[str]:
    """What the services billed is what people were charged and the operator bears (I5)."""
    billed = {each.task_id: Money.dollars(f"{each.billed:.4f}") for each in evidence.bought}
    wrong = [
        f"job {job.id} was charged {job.charged}, its service billed {billed.get(job.task_id or '', FREE)}"
        for _, job in evidence.jobs()
        if job.charged != FREE and job.charged != billed.get(job.task_id or "", FREE)
    ]
    total = sum(billed.values(), FREE)
    charges = evidence.books.totals[EntryKind.CHARGE][1]
    losses = evidence.books.totals[EntryKind.LOSS][1]
    if not charges <= total <= charges + losses:
        wrong.append(f"services billed {total}; charged {charges}, lost {losses}")
    return wrong
