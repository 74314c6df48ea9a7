"""Dresses a client with everything people can use: commands, buttons, and the edge for errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from discord import app_commands

from bot.discord_ui.cards import Cards
from bot.discord_ui.choosing import Choosing
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.commands.account import AccountCards, queue_command, quota_command
from bot.discord_ui.commands.help import help_command
from bot.discord_ui.commands.imagine import imagine_command
from bot.discord_ui.commands.leaderboard import LeaderboardDesk, leaderboard_command
from bot.discord_ui.commands.manage import Manage
from bot.discord_ui.commands.manage_audit import manage_audit_command
from bot.discord_ui.commands.manage_budget import BudgetCards, manage_budget_commands
from bot.discord_ui.commands.manage_defaults import DEFAULTS_FORMS, DefaultsCards, manage_defaults_command
from bot.discord_ui.commands.manage_defaults_forms import DefaultsForm
from bot.discord_ui.commands.manage_delete import manage_delete_command
from bot.discord_ui.commands.manage_gallery import manage_gallery_command
from bot.discord_ui.commands.manage_lists import RuleLists
from bot.discord_ui.commands.manage_log import manage_log_command
from bot.discord_ui.commands.manage_money_forms import BudgetForm, QuotaForm
from bot.discord_ui.commands.manage_provider import manage_provider_command
from bot.discord_ui.commands.manage_rules import RuleCards, manage_rules_commands
from bot.discord_ui.commands.manage_tree import manage_group
from bot.discord_ui.commands.manage_usage import manage_usage_command
from bot.discord_ui.commands.manage_words_forms import AddWords, RemoveWords
from bot.discord_ui.commands.privacy import MyData, PrivacyCards, privacy_commands
from bot.discord_ui.commands.reference import reference_group
from bot.discord_ui.commands.status import ProviderCards, status_command
from bot.discord_ui.desk import Desk
from bot.discord_ui.details import DetailCards
from bot.discord_ui.form_requests import FormRequests
from bot.discord_ui.headcount import Headcount
from bot.discord_ui.library import LibraryDesk
from bot.discord_ui.library_cards import LibraryCards
from bot.discord_ui.library_form import LibraryForm
from bot.discord_ui.log_channels import LogChannels
from bot.discord_ui.manage_forms import ManageForm, ManageForms
from bot.discord_ui.menus import Menus, menu_commands
from bot.discord_ui.messages import MessageRequests
from bot.discord_ui.more import More
from bot.discord_ui.opinions import OpinionCards, OpinionPresses
from bot.discord_ui.presenter import DiscordPresenter
from bot.discord_ui.presses import ButtonPresses
from bot.discord_ui.reports import ReportForm
from bot.discord_ui.wording import Wording
from bot.domain.privacy import Promise
from bot.services.budgets import BudgetService
from bot.services.cancelling import Cancelling
from bot.services.choices import ServerChoices
from bot.services.deleting import Deleting
from bot.services.departures import Departures
from bot.services.drafting import Drafting
from bot.services.erasing import Erasing
from bot.services.exporting import Exporting
from bot.services.forms import Forms
from bot.services.leaderboard import LeaderboardService
from bot.services.library import LibraryService
from bot.services.lookup import Lookup
from bot.services.moderation import Moderation
from bot.services.opinions import Opinions
from bot.services.providers import ProviderService
from bot.services.queue import QueueService
from bot.services.quotas import QuotaService
from bot.services.reporting import Reporting
from bot.services.results import Results
from bot.services.submissions import Submissions
from bot.services.trail import Trail
from bot.services.usage import UsageService
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use-cases that people reach through Discord."""

    submissions: Submissions
    cancelling: Cancelling
    deleting: Deleting
    results: Results
    opinions: Opinions
    leaderboard: LeaderboardService
    reporting: Reporting
    quotas: QuotaService
    queue: QueueService
    drafting: Drafting
    providers: ProviderService
    moderation: Moderation
    trail: Trail
    usage: UsageService
    choices: ServerChoices
    library: LibraryService
    forms: Forms
    lookup: Lookup
    budgets: BudgetService
    exporting: Exporting
    erasing: Erasing
    departures: Departures
    promise: Promise


def dress(
    client: AtelierClient, services: Services, *, texts: Texts, presenter: DiscordPresenter, channels: LogChannels
) -> Desk:
    """Give the client its commands and buttons, before it logs in; who answers them."""
    wording = Wording(texts=texts)
    cards = Cards(texts=texts, wording=wording)
    desk = Desk(texts=texts, wording=wording, cards=cards, submissions=services.submissions, presenter=presenter)
    services_cards = ProviderCards(texts=texts, wording=wording)
    manage = _manage(desk, services, AccountCards(texts=texts, wording=wording))
    choosing = Choosing(desk=desk, drafting=services.drafting)
    library = LibraryDesk(desk=desk, library=services.library, cards=LibraryCards(texts=texts, wording=wording))
    form_requests = _form_requests(services, library, _manage_forms(manage, services))
    mydata, leaderboard = _mydata(desk, services), LeaderboardDesk(desk=desk, leaderboard=services.leaderboard)
    client.presses = ButtonPresses(
        desk=desk,
        submissions=services.submissions,
        cancelling=services.cancelling,
        manage=manage,
        choosing=choosing,
        library_desk=library,
        form_requests=form_requests,
        more=_more(client, form_requests.report_form, services),
        mydata=mydata,
        leaderboard=leaderboard,
    )
    _listen(client, form_requests, services)
    client.offer(
        [
            imagine_command(desk, services.submissions, choosing, services.providers, services_cards),
            *_account_commands(manage, services),
            status_command(desk, services.providers, services_cards, services.budgets, BudgetCards(texts=texts)),
            help_command(desk),
            *privacy_commands(mydata),
            leaderboard_command(leaderboard),
            reference_group(library),
            _for_moderators(manage, services, channels, services_cards),
            *menu_commands(_menus(desk, form_requests, services, manage.cards)),
        ]
    )
    return desk


def _account_commands(manage: Manage, services: Services) -> list[app_commands.Command[Any, ..., None]]:
    desk, cards = manage.desk, manage.cards
    return [quota_command(desk, services.quotas, cards), queue_command(desk, services.queue, cards)]


def _manage_forms(manage: Manage, services: Services) -> ManageForms:
    desk = manage.desk
    rules, defaults = RuleCards(desk=desk), DefaultsCards(desk=desk, choices=services.choices)
    forms: dict[str, ManageForm] = {
        "quota": QuotaForm(manage=manage),
        "budget": BudgetForm(desk=desk, budgets=services.budgets, cards=BudgetCards(texts=desk.texts)),
        "add_words": AddWords(cards=rules, moderation=services.moderation),
        "remove_words": RemoveWords(cards=rules, moderation=services.moderation),
    }
    for name in DEFAULTS_FORMS:
        forms[name] = DefaultsForm(name=name, cards=defaults, choices=services.choices)
    return ManageForms(forms=forms)


def _listen(client: AtelierClient, form_requests: FormRequests, services: Services) -> None:
    """Who hears of errors, messages, forms and servers."""
    desk = form_requests.desk
    client.failed = desk.failed
    client.heard = MessageRequests(desk=desk, submissions=desk.submissions, client=client).heard
    client.sent = form_requests.sent
    client.servers = services.departures


def _form_requests(services: Services, library: LibraryDesk, manage_forms: ManageForms) -> FormRequests:
    return FormRequests(
        desk=library.desk,
        forms=services.forms,
        submissions=services.submissions,
        library_form=LibraryForm(
            desk=library.desk, submissions=services.submissions, library=services.library, cards=library.cards
        ),
        report_form=ReportForm(desk=library.desk, reporting=services.reporting),
        manage_forms=manage_forms,
    )


def _mydata(desk: Desk, services: Services) -> MyData:
    return MyData(
        desk=desk,
        exporting=services.exporting,
        erasing=services.erasing,
        cards=PrivacyCards(texts=desk.texts, promise=services.promise),
    )


def _more(client: AtelierClient, report_form: ReportForm, services: Services) -> More:
    desk = report_form.desk
    return More(
        desk=desk,
        client=client,
        submissions=services.submissions,
        results=services.results,
        deleting=services.deleting,
        details=DetailCards(texts=desk.texts, wording=desk.wording, cards=desk.cards),
        report_form=report_form,
        opinions=OpinionPresses(desk=desk, opinions=services.opinions, cards=OpinionCards(texts=desk.texts)),
    )


def _menus(desk: Desk, form_requests: FormRequests, services: Services, account: AccountCards) -> Menus:
    return Menus(
        desk=desk,
        form_requests=form_requests,
        lookup=services.lookup,
        opinions=services.opinions,
        quotas=services.quotas,
        accounts=account,
        details=DetailCards(texts=desk.texts, wording=desk.wording, cards=desk.cards),
    )


def _manage(desk: Desk, services: Services, account: AccountCards) -> Manage:
    return Manage(
        desk=desk,
        quotas=services.quotas,
        cards=account,
        headcount=Headcount(quotas=services.quotas, texts=desk.texts),
        lists=RuleLists(texts=desk.texts, wording=desk.wording),
    )


def _for_moderators(
    manage: Manage, services: Services, channels: LogChannels, cards: ProviderCards
) -> app_commands.Group:
    desk, group = manage.desk, manage_group(manage)
    group.add_command(manage_provider_command(desk, services.providers, cards))
    for command in manage_rules_commands(desk, services.moderation):
        group.add_command(command)
    for command in manage_budget_commands(desk, services.budgets, BudgetCards(texts=desk.texts)):
        group.add_command(command)
    group.add_command(manage_log_command(desk, services.choices, channels))
    group.add_command(manage_gallery_command(desk, services.choices, channels))
    group.add_command(manage_defaults_command(desk, services.choices))
    group.add_command(manage_audit_command(desk, services.trail))
    group.add_command(manage_delete_command(desk, services.deleting))
    group.add_command(manage_usage_command(desk, services.usage))
    return group
