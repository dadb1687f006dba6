"""`simulator load` as shipped against a real gateway, SMSC and billing: a few seconds, and nothing is wrong."""

import json
import subprocess
import sys
from pathlib import Path

from simulator.deployment import Deployment
from simulator.load.story_file import DEFAULT, load
from simulator.network import Network
from tests.live.processes import environment

RUN_MAX_S = 180


def test_no_screen_is_wrong_at_a_low_rate(gateway: Deployment, network: Network, tmp_path: Path) -> None:
    page, numbers = tmp_path / "r.html", tmp_path / "r.json"
    where = ["--url", gateway.access.url, "--control-url", network.url]
    rates = ["--rate", "6", "--texts", "2", "--for", "5s", "--think", "0..0.2"]
    saved = ["--report", str(page), "--json", str(numbers)]
    run = subprocess.run(
        [sys.executable, "-m", "simulator", "load", *where, *rates, *saved],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_MAX_S,
    )
    assert numbers.exists(), run.stdout + run.stderr
    told = json.loads(numbers.read_text(encoding="utf-8"))
    assert told["faults"] == [], run.stdout
    assert told["starts"]["sessions"]["due"] == 30
    assert told["starts"]["texts"]["due"] == 10
    assert told["waits"]["screens"]["count"] >= 30
    assert told["waits"]["SMS"]["count"] >= 10
    assert {story.story for story in load(DEFAULT).dials} & told["stories"].keys(), "subscribers did what the file says"
    assert any(row["gateway"] for row in told["series"]), "the gateway says in /metrics what it takes"
    assert "<svg" in page.read_text(encoding="utf-8")
    assert run.returncode == (1 if told["complaints"] else 0), run.stdout
