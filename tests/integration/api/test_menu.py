"""The menu that is served, as a map: what the names in reports and metrics mean."""

from pathlib import Path

import pytest

from gateway.pack import Pack
from tests.integration.api.office import Office

pytestmark = pytest.mark.anyio

FILE = Path(__file__).parents[3] / "menus" / "bolshe" / "ussd.yaml"


async def test_every_way_is_on_the_map_with_its_line(office: Office, pack: Pack) -> None:
    menu = (await office.get("/v1/menu")).json()
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert (menu["version"], menu["start"]) == (pack.menu.digest, "home")
    assert {each["screen"] for each in menu["screens"]} == set(pack.menu.screens)
    assert all(lines[each["line"] - 1].strip() == f"{each['screen']}:" for each in menu["screens"])
    ways = {each["way"]: each for each in menu["ways"]}
    assert len(ways) == len(menu["ways"]), "each has a name of its own"
    gifts = ways["home_menu.options.5"]
    assert (gifts["told"], gifts["target"]) == ("by 5 on home_menu", "gifts")
    assert all(each["target"] in lines[each["line"] - 1] for each in menu["ways"] if each["way"].count("."))
