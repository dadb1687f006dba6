"""Each path of /v1 has one scope, and the OpenAPI document says which: nothing else opens it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Scope
from tests.integration.api.office import Office

pytestmark = pytest.mark.anyio


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Each operation of /v1: method, path with something in its places, scope."""
    for path, methods in document["paths"].items():
        if path.startswith("/v1/"):
            for method, operation in methods.items():
                named = [scopes for one in operation.get("security", []) for scopes in one.values()]
                scope = named[0][0] if len(named) == 1 and len(named[0]) == 1 else None
                filled = path.replace("{msisdn}", "+79217770001").replace("{reward}", "mug")
                yield method, re.sub(r"\{(order|approval|batch)_id\}", "1", filled), scope


async def test_no_operation_lacks_a_scope(office: Office) -> None:
    document = (await office.get("/openapi.json")).json()
    found = {(method, path): scope for method, path, scope in operations(document)}
    assert len(found) >= 30
    assert [where for where, scope in found.items() if scope not in set(Scope)] == []
    assert set(found.values()) == set(Scope), "every scope opens something"


async def test_each_operation_asks_for_a_key_of_its_scope(office: Office) -> None:
    document = (await office.get("/openapi.json")).json()
    for method, path, scope in operations(document):
        answers = {}
        for who in ("nobody", *(f"only-{one}" for one in Scope)):
            answer = await office.http.request(method, path, headers={"x-api-key": who})
            answers[who] = answer.status_code
            assert answer.status_code < 500, (method, path, who)
        assert answers.pop("nobody") == 401, (method, path)
        assert answers.pop(f"only-{scope}") not in {401, 403}, (method, path)
        assert set(answers.values()) == {403}, (method, path, answers)


async def test_each_operation_is_documented_under_its_scope(office: Office) -> None:
    document = (await office.get("/openapi.json")).json()
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for path, methods in document["paths"].items():
        for method, operation in methods.items() if path.startswith("/v1/") else ():
            scope = operation["security"][0]["ApiKey"][0]
            assert f"`{method.upper()} {path}`" in rows[scope], f"write it into docs/api.md beside {scope}"
