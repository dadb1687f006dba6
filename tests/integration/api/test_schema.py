"""Whatever a program may send by the OpenAPI document, and much that it may not: no 500, and no answer that is not
described. `LONG=1` sends more of it.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    CheckFunction,
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.schemas import APIOperation

from gateway.demo import ACTIVE
from tests.conftest import CODE_KEY, LONG, NUMBER_KEYS
from tests.live.processes import Gateway

EXAMPLES = 500 if LONG else 40
"""Of each operation; forty take about a quarter of a minute for all."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


_ordinals = itertools.count(1)


@pytest.fixture
def gateway(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    """`gateway serve --demo`, whose demo key may do everything."""
    stores = {"GATEWAY_DATABASE_URL": database_url, "GATEWAY_REDIS_URL": redis_url}
    keys = {"GATEWAY_NUMBER_KEYS": NUMBER_KEYS, "GATEWAY_CODE_KEY": CODE_KEY}
    with Gateway(tmp_path, stores | keys) as one:
        one.start()
        one.until_ready()
        yield one


def known(case: Case, key: str) -> Case:
    """The same under a key of its own, about somebody who is there: else nearly every number would be nobody's, and
    nearly every key have been another request's."""
    case.headers["Idempotency-Key"] = key
    if isinstance(case.body, dict):
        case.body.pop("cursor", None)
        case.body |= {"msisdn": ACTIVE} if isinstance(case.body.get("msisdn"), str) else {}
    for name, value in {"msisdn": ACTIVE, "reward": "mug"}.items():
        if name in case.path_parameters:
            case.path_parameters[name] = value
    return case


def exercise(operation: APIOperation, session: requests.Session) -> None:  # type: ignore[type-arg]  # generic in what it does not say
    """Send so many requests to one operation, and judge each answer."""
    described = operation.as_strategy()
    strange = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @seed(4)
    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate], database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=described | strange, wild=st.booleans())
    def send(case: Case, wild: bool) -> None:
        sent = case if wild else known(case, f"schema-{next(_ordinals)}")
        sent.call_and_validate(session=session, checks=CHECKS, headers={"x-api-key": "demo"})

    send()


def test_no_answer_breaks_the_schema(gateway: Gateway) -> None:
    with requests.Session() as session:
        session.trust_env = False  # no proxy of this machine stands between
        schema = schemathesis.openapi.from_dict(session.get(f"{gateway.url}/openapi.json").json())
        schema.config.update(base_url=gateway.url)
        operations = [result.ok() for result in schema.include(path_regex="^/v1/").get_all_operations()]
        assert len(operations) >= 30
        for operation in operations:
            exercise(operation, session)
