"""The gateway from outside: what is sent, and what each kind of trouble is called."""

from typing import Any

import pytest

from simulator.call import Message
from simulator.deployment import Access, Deployment
from simulator.errors import EventRefusedError, NotPlayableError, SimulatorError
from simulator.phrases import Happening

HOP = Message("POST", "/ussd/africastalking", "text/plain", "text=")


def test_the_secret_is_the_last_part_of_the_path(url: str, application: Any) -> None:
    with Deployment(Access(url, secret="s3cret")) as deployment:
        deployment.send(HOP)
    assert application.heard[-1].path == "/ussd/africastalking/s3cret"


def test_an_event_carries_kopecks_and_an_id_of_its_own(deployment: Deployment, application: Any) -> None:
    for _ in range(2):
        assert deployment.tell("+79210000001", Happening("top_up", 50_000)) == "accepted"
    bodies = [message.body for message in application.heard]
    assert '"amount":50000' in bodies[0]
    assert '"type":"top_up"' in bodies[0]
    assert "partner" not in bodies[0]
    assert bodies[0] != bodies[1]
    deployment.tell("+79210000001", Happening("purchase", 50_000, "kinograd"))
    assert '"partner":"kinograd"' in application.heard[-1].body


@pytest.mark.parametrize(
    ("status", "error", "hint"),
    [
        pytest.param(401, NotPlayableError, "SIMULATOR_API_KEY", id="no key"),
        pytest.param(403, NotPlayableError, "SIMULATOR_API_KEY", id="a key without the scope"),
        pytest.param(422, EventRefusedError, "HTTP 422", id="refused"),
        pytest.param(503, EventRefusedError, "HTTP 503", id="store down"),
    ],
)
def test_events_that_are_refused(
    deployment: Deployment, application: Any, status: int, error: type[SimulatorError], hint: str
) -> None:
    application.events_status = status
    with pytest.raises(error, match=hint):
        deployment.tell("+79210000001", Happening("blocked"))


@pytest.mark.parametrize(
    ("status", "error", "hint"),
    [
        pytest.param(403, NotPlayableError, "takes no language by this API key: .* SIMULATOR_API_KEY", id="no scope"),
        pytest.param(409, EventRefusedError, "refused the language, HTTP 409", id="a blocked member"),
    ],
)
def test_a_language_that_is_refused(
    deployment: Deployment, application: Any, status: int, error: type[SimulatorError], hint: str
) -> None:
    application.language_status = status
    with pytest.raises(error, match=hint):
        deployment.choose_language("+79210000001", "en")


@pytest.mark.parametrize("outcome", ["refused", "not_now"])
def test_events_that_are_not_taken(deployment: Deployment, application: Any, outcome: str) -> None:
    application.event_outcome = outcome
    with pytest.raises(EventRefusedError, match=f"{outcome}, why"):
        deployment.tell("+79210000001", Happening("blocked"))


def test_nothing_there_is_not_ready() -> None:
    with Deployment(Access("http://127.0.0.1:9")) as nowhere:
        assert not nowhere.ready()
