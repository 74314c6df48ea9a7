"""However a link is spelled and wherever it comes from: nothing is asked of this machine or of what is behind it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

import httpx
import pytest

from bot.app import attachment_fetch
from bot.domain.errors import AtelierError, OutputUnavailable, ProviderUnavailable, UnusableImage
from bot.providers.base import Provider, RemotePicture
from bot.providers.fetching import FetchFailed, HostRule
from bot.providers.http import HttpClient
from bot.settings import DiscordSettings
from tests.support.loopback import HIDDEN, Listener, open_listener
from tests.support.ordering import a_reference
from tests.support.services import SERVICES

ALLOWED = "cdn.discordapp.com"
EVERYWHERE = HostRule(public=True)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with open_listener() as listener:
        yield listener


class Pointing(httpx.AsyncBaseTransport):
    """Hosts that are allowed point elsewhere; every other host is really asked."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.pointed = 0
        self.real = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == ALLOWED:
            self.pointed += 1
            return httpx.Response(302, headers=[(b"location", self.location.encode())])
        return await self.real.handle_async_request(request)


async def refused(work: Awaitable[object], *kinds: type[Exception]) -> Exception:
    with pytest.raises(kinds) as caught:
        await work
    return caught.value


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_a_link_to_a_persons_file_leads_nowhere_but_to_the_configured_hosts(
    listener: Listener, hidden: str
) -> None:
    async with HttpClient() as http:
        fetch = attachment_fetch(http, DiscordSettings().attachment_hosts)
        error = await refused(fetch(listener.link(hidden), io.BytesIO()), UnusableImage)
    assert isinstance(error, AtelierError)
    assert error.key == "image.link"
    assert listener.visits == 0


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_a_host_that_is_allowed_cannot_point_elsewhere(listener: Listener, hidden: str) -> None:
    pointing = Pointing(listener.link(hidden))
    async with HttpClient(transport=pointing) as http:
        fetch = attachment_fetch(http, DiscordSettings().attachment_hosts)
        error = await refused(fetch(f"https://{ALLOWED}/attachments/1/2/a.png", io.BytesIO()), UnusableImage)
        assert isinstance(error, AtelierError)
        assert error.key in {"image.gone", "image.unreachable", "image.link"}
        rule = HostRule(hosts=(ALLOWED,))
        work = http.download(f"https://{ALLOWED}/a.png", cap_bytes=9, limit_seconds=5, allowed=rule, redirects=2)
        await refused(work, FetchFailed)
    assert (pointing.pointed, listener.visits) == (2, 0)


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_no_service_can_send_us_there_for_a_picture_or_with_one(listener: Listener, hidden: str) -> None:
    link = listener.link(hidden)
    async with HttpClient() as http:
        for service in SERVICES.values():
            hosts = {name: f"https://api.example{path}" for name, path in service.hosts.items()}
            adapter: Provider = service.adapter(http=http, api_key="none", **hosts, **service.settings)
            await refused(adapter.download(RemotePicture(url=link)), OutputUnavailable)
        put = http.put_file(link, b"x", headers={}, allowed=EVERYWHERE, provider="any")
        await refused(put, ProviderUnavailable)
        form = http.post_form(link, {}, file=("a", b"x", "image/png"), allowed=EVERYWHERE, provider="any")
        await refused(form, ProviderUnavailable)
    assert listener.visits == 0


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_no_service_is_told_to_fetch_from_there(listener: Listener, hidden: str) -> None:
    service = SERVICES["cometapi"]
    hosts = {name: f"https://api.example{path}" for name, path in service.hosts.items()}
    async with HttpClient() as http:
        adapter: Provider = service.adapter(http=http, api_key="none", **hosts)
        await refused(adapter.prepare(replace(a_reference("cat"), link=listener.link(hidden))), AtelierError)
    assert listener.visits == 0


@pytest.mark.parametrize("host", ["a.localhost", "metadata.google.internal", "printer.local", "nas.lan", "a.home.arpa"])
def test_a_name_that_means_something_near_is_not_public(host: str) -> None:
    assert not EVERYWHERE.allows(scheme="https", host=host, port=None)
    assert EVERYWHERE.allows(scheme="https", host=f"{host}.example", port=None)


def test_there_are_thirty_one_spellings() -> None:
    assert len(set(HIDDEN)) == 31
