"""Discord's OpenAPI description as a judge: does every request and answer keep to it?"""

from __future__ import annotations

import copy
import functools
import json
import os
from pathlib import Path
from typing import Any

import jsonschema_rs

from bot.playground import Exchange

RESOURCE = "urn:discord"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Where the description lies relative to the repository, unless DISCORD_OPENAPI names it.
BESIDE = Path("../shared/reference/discord-openapi.json")
# Codes that mean "this request was malformed": whoever sent it has a bug.
MALFORMED = frozenset({50035, 50109, 50006})


class _Description:
    """Discord's operations with their schemas.

    Three liberties are taken, each because Discord itself takes it and every library relies on it:
    ids in requests may be JSON integers (discord.py sends attachment, user and role ids that way), the codes
    inside `_errors` are strings although the description says integer, and the reference of a forwarded message has
    type 1 (Discord reference, "Message Reference Types") although the description knows 0 alone.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = description["paths"]
        answers = copy.deepcopy(description)
        schemas = answers["components"]["schemas"]
        schemas["InnerErrors"]["properties"]["_errors"]["items"] = {
            "type": "object",
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            "required": ["code", "message"],
        }
        schemas["MessageReferenceType"]["oneOf"].append({"title": "FORWARD", "const": 1})
        requests = copy.deepcopy(answers)
        requests["components"]["schemas"]["SnowflakeType"] = {
            "oneOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]
        }
        self._answers = jsonschema_rs.Registry([(RESOURCE, answers)])
        self._requests = jsonschema_rs.Registry([(RESOURCE, requests)])
        self._validators: dict[tuple[bool, str], Any] = {}

    def validator(self, schema: dict[str, Any], is_answer: bool) -> Any:
        """The judge of one schema, made once."""
        text = json.dumps(schema).replace('"#/components', f'"{RESOURCE}#/components')
        key = (is_answer, text)
        if key not in self._validators:
            registry = self._answers if is_answer else self._requests
            whole = {"$schema": DIALECT, **json.loads(text)}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, registry=registry)
        return self._validators[key]


@functools.cache
def _described(path: Path) -> _Description:
    """The description in a file, read once in a test run: it is megabytes."""
    return _Description(json.loads(path.read_bytes()))


class Contract:
    """Checks exchanges against the operations of the description."""

    def __init__(self, description: _Description) -> None:
        self._description = description
        self.violations: list[str] = []
        self.refusals: list[Exchange] = []

    @classmethod
    def load(cls, repository: Path) -> Contract | None:
        """The description of DISCORD_OPENAPI or beside the repository; None when there is none (an error in CI)."""
        named = os.environ.get("DISCORD_OPENAPI")
        path = Path(named) if named else repository / BESIDE
        if path.is_file():
            return cls(_described(path))
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(f"Discord's API description is not at {path}")
        return None

    def check(self, exchange: Exchange) -> None:
        """Collect what is wrong with one exchange; usable as an observer."""
        where = f"{exchange.method} {exchange.template} -> {exchange.status}"
        operation = self._description.paths.get(exchange.template, {}).get(exchange.method.lower())
        if operation is None:
            self.violations.append(f"{where}: no such operation")
            return
        code = exchange.response.get("code") if isinstance(exchange.response, dict) else None
        if exchange.status == 400 and code in MALFORMED:
            self.refusals.append(exchange)
        elif not 400 <= exchange.status < 500:
            self._check_request(where, exchange, operation)
        if exchange.status:
            self._check_answer(where, exchange, operation)

    def assert_kept(self) -> None:
        """Fail with everything collected so far."""
        if self.violations:
            raise AssertionError("\n".join(self.violations))

    def _check_request(self, where: str, exchange: Exchange, operation: dict[str, Any]) -> None:
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            if exchange.request is not None:
                self.violations.append(f"{where}: a body where none is expected")
            return
        given: Any = {} if exchange.request is None else exchange.request
        # A form's payload_json is the same object that could have been sent as JSON.
        self._judge(f"{where} request", content["application/json"]["schema"], given, False)

    def _check_answer(self, where: str, exchange: Exchange, operation: dict[str, Any]) -> None:
        responses: dict[str, Any] = operation["responses"]
        if exchange.status >= 500:
            return
        kind = str(exchange.status)
        if kind not in responses:
            kind = "4XX" if exchange.status >= 400 else kind
        if kind not in responses:
            self.violations.append(f"{where}: this status is not in the description")
            return
        response = responses[kind]
        if "$ref" in response:
            name = response["$ref"].rsplit("/", 1)[-1]
            schema = {"$ref": f"{RESOURCE}#/components/responses/{name}/content/application~1json/schema"}
        elif "content" in response:
            schema = response["content"]["application/json"]["schema"]
        else:
            if exchange.response is not None:
                self.violations.append(f"{where}: a body where none is expected")
            return
        self._judge(f"{where} answer", schema, exchange.response, True)

    def _judge(self, where: str, schema: dict[str, Any], value: Any, is_answer: bool) -> None:
        for error in self._description.validator(schema, is_answer).iter_errors(value):
            path = "/".join(str(part) for part in error.instance_path)
            self.violations.append(f"{where}: at {path or '(root)'}: {error.message[:3000]}")
