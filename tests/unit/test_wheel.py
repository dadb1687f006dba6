"""The wheel: whoever installs it has the packs, the SQL and the scripts, and no test."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


def test_data_travels_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = [f"gateway/store/sql/{path.name}" for path in (ROOT / "gateway/store/sql").glob("*.sql")]
    wanted += [f"gateway/state/lua/{path.name}" for path in (ROOT / "gateway/state/lua").glob("*.lua")]
    wanted += [f"gateway/packs_data/menus/bolshe/{name}" for name in ("programme.yaml", "ussd.yaml", "published.yaml")]
    wanted += ["gateway/packs_data/menus/bolshe/sms.yaml", "gateway/packs_data/sms_templates/bolshe/ru/help.shown.j2"]
    wanted += ["gateway/store/migrations/versions/0001_ground.sql", "simulator/dialogues/first_hop.yaml"]
    wanted += [
        "simulator/load/stories/bolshe.yaml",
        "simulator/load/report.html.j2",
        "gateway/menu/picture/page.html.j2",
    ]
    wanted += ["gateway/smpp/profiles.yaml"]
    wanted += [f"simulator/web/static/{path.name}" for path in (ROOT / "simulator/web/static").iterdir()]
    assert sorted(set(wanted) - names) == []
    assert not any(name.startswith("tests/") for name in names)


def test_an_installed_wheel_finds_its_packs_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    checked = subprocess.run(
        [sys.executable, "-c", "from gateway.cli import main; main()", "check", "bolshe"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 errors" in checked.stdout
