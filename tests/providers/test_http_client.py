"""The HTTP client's promises: bounded, sent once, silent, and never where the rule does not allow."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from bot.domain.errors import PollFailed, ProviderUnavailable, SubmissionUnknown
from bot.providers.fetching import Answer, FetchFailed, FetchFailure, HostRule, unpacked
from bot.providers.http import ANSWER_CAP, ATTEMPTS, PICTURE_ANSWER_CAP, HttpClient

URL = "https://api.example.com/v1/things?signature=canary"
ANYWHERE = HostRule(public=True)
Handler = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers from a list, the last one for ever, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        # An answer can be read once only; the last one is given again and again.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def client(self) -> HttpClient:
        return HttpClient(
            transport=httpx.MockTransport(self), sleep=self.sleep, jitter=lambda: 0.0, clock=lambda: 1000.0
        )


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> httpx.Response:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


NOT_SENT = [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
MAYBE_SENT = [
    httpx.ReadTimeout("x"),
    httpx.WriteTimeout("x"),
    httpx.ReadError("x"),
    httpx.WriteError("x"),
    httpx.CloseError("x"),
    httpx.RemoteProtocolError("x"),
    httpx.DecodingError("x"),
    OSError("x"),
]


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda e: type(e).__name__)
async def test_without_a_connection_a_paid_request_was_not_sent(error: Exception) -> None:
    server = Server(error)
    async with server.client() as http:
        with pytest.raises(ProviderUnavailable) as caught:
            await http.post_once(URL, {}, provider="p")
    assert len(server.requests) == 1
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("error", MAYBE_SENT, ids=lambda e: type(e).__name__)
async def test_after_the_connection_nobody_knows_whether_a_paid_request_arrived(error: Exception) -> None:
    server = Server(error)
    async with server.client() as http:
        with pytest.raises(SubmissionUnknown):
            await http.post_once(URL, {}, provider="p")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [reply(200, b"<html>"), reply(201, b""), reply(200, b"[" * 50_000), reply(200, b"NaN"),
     reply(200, b'{"a":1}', Content_Encoding="gzip"), reply(200, b" " * PICTURE_ANSWER_CAP + b"{}"),
     reply(200, b"\xff\xfe", Content_Encoding="br")],
)  # fmt: skip
async def test_an_accepting_answer_that_cannot_be_read_leaves_the_fate_unknown(answer: httpx.Response) -> None:
    server = Server(answer)
    async with server.client() as http:
        with pytest.raises(SubmissionUnknown):
            await http.post_once(URL, {}, provider="p")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 302])
async def test_a_paid_request_is_not_repeated_for_any_status(status: int) -> None:
    server = Server(reply(status, b"oops", Retry_After="1", Location="https://elsewhere.example/"))
    async with server.client() as http:
        answer = await http.post_once(URL, {"prompt": "\ud800é"}, provider="p", headers={"Authorization": "Bearer k"})
    assert (answer.status, answer.body, len(server.requests)) == (status, b"oops", 1)
    request = server.requests[0]
    assert request.content == b'{"prompt":"\\ud800\\u00e9"}'
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


async def test_a_paid_request_that_takes_too_long_is_given_up_as_unknown() -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with HttpClient(transport=httpx.MockTransport(hang)) as http:
        with pytest.raises(SubmissionUnknown):
            await http.post_once(URL, {}, provider="p", limit_seconds=0.02)


async def test_cancelling_a_paid_request_stays_a_cancellation() -> None:
    started = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with HttpClient(transport=httpx.MockTransport(hang)) as http:
        task = asyncio.create_task(http.post_once(URL, {}, provider="p"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_questions_are_repeated_with_growing_waits_and_then_given_up() -> None:
    server = Server(httpx.ReadTimeout("x"))
    async with server.client() as http:
        with pytest.raises(PollFailed):
            await http.get_json(URL, provider="p")
    assert len(server.requests) == ATTEMPTS
    assert server.waits == [0.5, 1.0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
async def test_a_short_trouble_is_waited_out(status: int) -> None:
    server = Server(reply(status, Retry_After="3"), httpx.ConnectError("x"), reply(200, b'{"ok":true}'))
    async with server.client() as http:
        answer = await http.get_json(URL, provider="p")
    assert answer.json() == {"ok": True}
    assert server.waits == [3.0, 1.0]


@pytest.mark.parametrize("asked", ["61", "86400", "29", "Thu, 01 Jan 2099 00:00:00 GMT"])
async def test_a_long_wait_is_the_callers_to_keep(asked: str) -> None:
    server = Server(reply(429, Retry_After=asked))
    async with server.client() as http:
        answer = await http.delete(URL, provider="p", limit_seconds=20)
    assert answer.status == 429
    assert (len(server.requests), server.waits) == (1, [])


async def test_a_lasting_trouble_is_handed_back_as_it_is() -> None:
    server = Server(reply(503, b"busy"))
    async with server.client() as http:
        assert (await http.post_json(URL, {}, provider="p")).body == b"busy"
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [200, 204, 301, 400, 404, 501])
async def test_other_answers_are_not_repeated(status: int) -> None:
    server = Server(reply(status, Location="https://elsewhere.example/"))
    async with server.client() as http:
        assert (await http.get_json(URL, provider="p")).status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [("5", 5.0), ("0.5", 0.5), ("-1", None), ("nan", None), ("inf", None), ("", None), ("soon", None),
     ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_the_wait_asked_for_is_read_in_both_forms(header: str, wait: float | None) -> None:
    assert Answer(status=429, headers={"retry-after": header}, body=b"").retry_after(1000.0) == wait


async def test_packed_answers_are_unpacked_within_the_cap() -> None:
    assert unpacked(gzip.compress(b"hello"), "gzip", 100) == b"hello"
    assert unpacked(zlib.compress(b"hello"), "deflate", 100) == b"hello"
    for content in (gzip.compress(b"x" * 1000), gzip.compress(b"hello")[:-9], b"junk"):
        with pytest.raises(ValueError):
            unpacked(content, "gzip", 100)


async def test_cookies_are_neither_kept_nor_sent() -> None:
    server = Server(reply(200, b"{}", Set_Cookie="session=canary; Path=/"))
    async with server.client() as http:
        for _ in range(2):
            await http.get_json(URL, provider="p")
    assert "cookie" not in server.requests[1].headers


async def test_the_environment_sets_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    server = Server(reply())
    async with server.client() as http:
        assert (await http.get_json(URL, provider="p")).ok


async def test_an_upload_sends_the_fields_first_the_file_last_and_no_credentials() -> None:
    server = Server(reply(503), reply(204, b""))
    async with server.client() as http:
        answer = await http.post_form(
            "https://bucket.example.com/", {"key": "a", "policy": "b"}, file=("r.png", b"CONTENT", "image/png"),
            allowed=ANYWHERE, provider="p",
        )  # fmt: skip
    body = server.requests[1].content
    assert answer.status == 204
    assert server.requests[0].content == body
    assert (
        body.index(b'name="key"') < body.index(b'name="policy"') < body.index(b'name="file"') < body.index(b"CONTENT")
    )
    assert "authorization" not in server.requests[1].headers


async def test_a_file_is_put_with_the_headers_that_the_service_named_and_no_others() -> None:
    server = Server(reply(503), reply(200))
    async with server.client() as http:
        answer = await http.put_file(
            "https://bucket.example.com/a?sig=1", b"file", headers={"x-token": "t"}, allowed=ANYWHERE, provider="p"
        )
    assert (answer.status, len(server.requests)) == (200, 2)
    request = server.requests[-1]
    assert (request.method, request.content, request.headers["x-token"]) == ("PUT", b"file", "t")
    assert "authorization" not in request.headers


@pytest.mark.parametrize("url", ["http://bucket.example.com/a", "https://10.0.0.1/a", "https://[", ""])
async def test_a_file_is_put_only_where_the_rule_allows(url: str) -> None:
    server = Server(reply())
    async with server.client() as http:
        with pytest.raises(ProviderUnavailable):
            await http.put_file(url, b"", headers=None, allowed=ANYWHERE, provider="p")
    assert not server.requests


async def test_an_answer_with_a_picture_in_it_may_be_larger_where_the_caller_says_so() -> None:
    body = b'"' + b"a" * ANSWER_CAP + b'"'
    async with Server(reply(200, body)).client() as http:
        with pytest.raises(PollFailed):
            await http.get_json(URL, provider="p")
        assert (await http.get_json(URL, provider="p", cap_bytes=PICTURE_ANSWER_CAP)).body == body
        assert (await http.post_once(URL, {}, provider="p")).body == body


async def test_a_post_that_only_asks_fails_as_a_question() -> None:
    async with Server(httpx.ReadTimeout("x")).client() as http:
        with pytest.raises(PollFailed):
            await http.post_json(URL, {}, provider="p", failed=PollFailed)


@pytest.mark.parametrize("url", ["http://bucket.example.com/", "https://10.0.0.1/", "https://[", "https://localhost/"])
async def test_an_upload_goes_only_where_the_rule_allows(url: str) -> None:
    server = Server(reply())
    async with server.client() as http:
        with pytest.raises(ProviderUnavailable):
            await http.post_form(url, {}, file=("r", b"", "image/png"), allowed=ANYWHERE, provider="p")
    assert not server.requests


RULE = HostRule(hosts=("cdn.discordapp.com",), suffixes=("cloudfront.net",))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://cdn.discordapp.com/a?ex=1", True),
        ("https://CDN.discordapp.com:443/a", True),
        ("https://x.cloudfront.net/a", True),
        ("https://cloudfront.net/a", True),
        ("https://x.cdn.discordapp.com/a", False),
        ("https://cdn.discordapp.com.evil.example/a", False),
        ("https://evilcloudfront.net/a", False),
        ("https://cdn.discordapp.com./a", False),
        ("http://cdn.discordapp.com/a", False),
        ("https://cdn.discordapp.com:8443/a", False),
        ("https://user@cdn.discordapp.com/a", False),
        ("https://cdn.discordapp.com@127.0.0.1/a", False),
        ("https://127.0.0.1/a", False),
        ("https://localhost/a", False),
        ("https://2130706433/", False),
        ("https://0x7f000001/", False),
        ("https://127.1/", False),
        ("https://[::1]/", False),
        ("https://[::ffff:7f00:1]/", False),
        ("https://169.254.169.254/latest", False),
        ("https://①②⑦.⓪.⓪.①/", False),
        ("file:///etc/passwd", False),
        ("data:text/plain,hi", False),
        ("ftp://cdn.discordapp.com/", False),
        ("//cdn.discordapp.com/", False),
        ("", False),
        ("https://cdn.discordapp.com\x00.evil.example/", False),
    ],
)
async def test_downloads_go_only_where_the_rule_allows(url: str, allowed: bool) -> None:
    server = Server(reply(200, b"content"))
    async with server.client() as http:
        if allowed:
            assert await http.download(url, cap_bytes=10, limit_seconds=5, allowed=RULE) == b"content"
        else:
            with pytest.raises(FetchFailed) as caught:
                await http.download(url, cap_bytes=10, limit_seconds=5, allowed=RULE)
            assert caught.value.reason is FetchFailure.NOT_ALLOWED
    assert len(server.requests) == allowed


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_a_loopback_host_in_the_settings_admits_this_machine_over_http(host: str) -> None:
    server = Server(reply(200, b"content"))
    rule = HostRule.of_hosts([host.strip("[]"), "CDN.discordapp.com"])
    async with server.client() as http:
        assert await http.download(f"http://{host}:8080/a", cap_bytes=10, limit_seconds=5, allowed=rule) == b"content"
    assert rule.hosts == ("cdn.discordapp.com",)
    assert not HostRule.of_hosts(["cdn.discordapp.com"]).loopback


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "example.com.", "intranet", "[fd00::1]", "1.2.3.4"])
def test_a_public_host_is_a_name_and_no_address(host: str) -> None:
    assert not ANYWHERE.allows(scheme="https", host=host, port=None)
    assert ANYWHERE.allows(scheme="https", host="bucket.s3.example.com", port=443)


async def drip() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(404), FetchFailure.GONE),
        (reply(403), FetchFailure.GONE),
        (reply(410), FetchFailure.GONE),
        (reply(429), FetchFailure.UNREACHABLE),
        (reply(500), FetchFailure.UNREACHABLE),
        (httpx.ConnectError("x"), FetchFailure.UNREACHABLE),
        (httpx.ReadError("x"), FetchFailure.UNREACHABLE),
        (httpx.RemoteProtocolError("x"), FetchFailure.BROKEN),
        (httpx.ReadTimeout("x"), FetchFailure.SLOW),
        (reply(200, b"x" * 101), FetchFailure.TOO_LARGE),
        (reply(200, b"x", Content_Length="101"), FetchFailure.TOO_LARGE),
        (reply(200, b"x", Content_Length="2"), FetchFailure.BROKEN),
        (reply(200, b"x", Content_Length="-1"), FetchFailure.BROKEN),
        (reply(200, gzip.compress(b"x"), Content_Encoding="gzip"), FetchFailure.BROKEN),
        (reply(206, b"x"), FetchFailure.BROKEN),
        (reply(204, b""), FetchFailure.BROKEN),
        (reply(302, Location="https://x.cloudfront.net/again"), FetchFailure.MOVED),
        (reply(302, Location="https://evil.example/"), FetchFailure.NOT_ALLOWED),
        (reply(302, Location="http://x.cloudfront.net/"), FetchFailure.NOT_ALLOWED),
        (reply(302, Location="https://["), FetchFailure.NOT_ALLOWED),
        (reply(302), FetchFailure.BROKEN),
    ],
)
async def test_a_failed_download_says_why(answer: httpx.Response | Exception, reason: FetchFailure) -> None:
    server = Server(answer)
    async with server.client() as http:
        with pytest.raises(FetchFailed) as caught:
            await http.download("https://x.cloudfront.net/a", cap_bytes=100, limit_seconds=5, allowed=RULE, redirects=2)
    assert caught.value.reason is reason
    assert all(request.url.host == "x.cloudfront.net" for request in server.requests)
    assert len(server.requests) <= 3


async def test_a_dripping_download_ends_with_the_time_limit() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drip())

    async with HttpClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(FetchFailed) as caught:
            await http.download("https://x.cloudfront.net/a", cap_bytes=100, limit_seconds=0.05, allowed=RULE)
    assert caught.value.reason is FetchFailure.SLOW


async def test_redirects_are_followed_as_often_as_allowed_and_no_more() -> None:
    for redirects, enough in ((2, True), (1, False), (0, False)):
        server = Server(reply(302, Location="/next"), reply(307, Location="/next"), reply(200, b"content"))
        async with server.client() as http:
            fetch = http.download(
                "https://x.cloudfront.net/a", cap_bytes=10, limit_seconds=5, allowed=RULE, redirects=redirects
            )
            if enough:
                assert await fetch == b"content"
            else:
                with pytest.raises(FetchFailed):
                    await fetch
        assert len(server.requests) == redirects + 1


async def test_a_download_carries_no_credentials() -> None:
    server = Server(reply(200, b"content"))
    async with server.client() as http:
        await http.download("https://x.cloudfront.net/a", cap_bytes=10, limit_seconds=5, allowed=RULE)
    assert {"authorization", "cookie", "referer"}.isdisjoint(server.requests[0].headers)


async def test_errors_and_logs_hold_no_addresses(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    texts: list[str] = []
    calls: list[Callable[[HttpClient], Any]] = [
        lambda http: http.get_json(URL, provider="p"),
        lambda http: http.post_once(URL, {}, provider="p"),
        lambda http: http.download(URL, cap_bytes=1, limit_seconds=1, allowed=ANYWHERE),
        lambda http: http.download(URL, cap_bytes=1, limit_seconds=1, allowed=RULE),
    ]
    for error in (*NOT_SENT, *MAYBE_SENT, reply(200, b"<html>")):
        for call in calls:
            async with Server(error).client() as http:
                try:
                    texts.append(repr(await call(http)))
                except (PollFailed, ProviderUnavailable, SubmissionUnknown, FetchFailed) as caught:
                    texts.append(f"{caught!r} {caught} {vars(caught)} {caught.__cause__}")
    assert len(texts) == 4 * (len(NOT_SENT) + len(MAYBE_SENT) + 1)
    assert "canary" not in "".join(texts) + caplog.text
