"""A pack that is edited while it is served, by gateways over one database."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway import reloading
from gateway.app import Stores, create
from gateway.errors import StoreUnavailableError
from gateway.observability.metrics import Metrics
from gateway.pack import Pack
from gateway.reloading import Reloader, Serving, Standing, Watch
from gateway.settings import Settings
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.fulfilment.test_working import living
from tests.integration.sms.scene import Scene, scene
from tests.integration.ussd.own_pack import Folder, Phone
from tests.live.processes import Gateway, Ground
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

HELP_NOW = "Баллы - за каждое пополнение."
HELP_THEN = "Баллы - за каждую оплату."
EVERY_S = 0.05


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "own")


@pytest.fixture
async def gateways(
    database_url: str, redis_url: str, folder: Folder
) -> AsyncIterator[Callable[[float | None], "asyncio.Future[httpx.AsyncClient]"]]:
    """Starts gateways over the folder: each looks at it every so many seconds, or (None) never."""
    async with AsyncExitStack() as stack:

        async def start(every_s: float | None) -> httpx.AsyncClient:
            watch = None if every_s is None else Watch.begin(str(folder.path), every_s)
            stores = Stores(database_url, redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=False)
            settings = Settings(pack=str(folder.path))
            return await stack.enter_async_context(living(create(settings, stores, folder.pack(), {}, watch=watch)))

        yield start  # type: ignore[misc]  # a coroutine function is what the tests await


async def ready(gateway: httpx.AsyncClient) -> dict[str, str]:
    """What health says, from a gateway that is ready."""
    answer = await gateway.get("/health/ready")
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told


async def stands(gateway: httpx.AsyncClient, standing: Standing) -> None:
    async def reached() -> bool:
        return (await ready(gateway))["pack_files"] == standing

    await until(reached, f"the pack's files are {standing}")


async def serves_another(gateway: httpx.AsyncClient, before: str) -> None:
    async def reached() -> bool:
        return (await ready(gateway))["pack"] != before

    await until(reached, "another version is served")


async def test_new_dials_read_the_new_words_and_sessions_keep_theirs(gateways, folder: Folder) -> None:
    watching, other = await gateways(EVERY_S), await gateways(None)
    before = (await ready(watching))["pack"]
    old, new = Phone(), Phone()
    await old.dial(watching)
    folder.edit("ussd.yaml", HELP_NOW, HELP_THEN)
    await serves_another(watching, before)
    assert HELP_NOW in await old.answer(watching, "4"), "a session goes on in the menu that it began with"
    assert "CON У вас" in await old.answer(watching, "0")
    await new.dial(watching)
    assert HELP_THEN in await new.answer(other, "4"), "a gateway that never read the files finds them in the database"
    restarted = await gateways(None)
    assert (await ready(restarted))["pack"] == (await ready(watching))["pack"]
    assert HELP_NOW in await old.answer(restarted, "4"), "a gateway that starts later finds the older version too"


async def test_a_fault_keeps_the_old_menu_and_is_told(gateways, folder: Folder) -> None:
    gateway = await gateways(EVERY_S)
    before, phone = (await ready(gateway))["pack"], Phone()
    folder.edit("ussd.yaml", "go: help}", "go: nowhere}")
    await stands(gateway, Standing.FAULTY)
    told = await ready(gateway)
    assert told["pack"] == before
    assert "own/ussd.yaml:" in told["pack_files_why"]
    assert "nowhere" in told["pack_files_why"]
    assert str(folder.path.parent) not in told["pack_files_why"], "where the files lie is not told"
    metrics = (await gateway.get("/metrics")).text
    assert 'pack_files_not_served{why="faulty"} 1.0' in metrics
    assert 'pack_reloads_total{standing="faulty"} 1.0' in metrics
    await phone.dial(gateway)
    assert HELP_NOW in await phone.answer(gateway, "4")
    folder.edit("ussd.yaml", "go: nowhere}", "go: help}")
    await stands(gateway, Standing.SERVED)
    assert 'pack_files_not_served{why="faulty"} 0.0' in (await gateway.get("/metrics")).text
    assert "pack_files_why" not in await ready(gateway)


@pytest.mark.parametrize(
    ("place", "before", "after", "told"),
    [
        pytest.param("programme.yaml", "per: 100", "per: 200", "programme.yaml", id="a rule"),
        pytest.param("sms.yaml", 'numbers: ["6111"', 'numbers: ["6112", "6111"', "`numbers`", id="the numbers"),
    ],
)
async def test_what_cannot_be_reloaded_waits_for_a_start(
    gateways, folder: Folder, place: str, before: str, after: str, told: str
) -> None:
    gateway = await gateways(EVERY_S)
    served = (await ready(gateway))["pack"]
    folder.edit(place, before, after)
    folder.edit("ussd.yaml", HELP_NOW, HELP_THEN)
    await stands(gateway, Standing.WAITS)
    health = await ready(gateway)
    assert (health["pack"], told in health["pack_files_why"]) == (served, True)
    restarted = await gateways(None)
    assert (await ready(restarted))["pack"] != served


class Watched:
    """A reloader over a folder, and what it served and said."""

    def __init__(self, folder: Folder) -> None:
        self.away = False
        self.served: list[Pack] = []
        watch = Watch.begin(str(folder.path), 60)
        self.reloader = Reloader(folder.pack(), watch, self._serve, self._tell, Metrics())

    async def _serve(self, pack: Pack) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        self.served.append(pack)

    async def _tell(self, serving: Serving) -> None:
        pass


async def test_a_file_that_is_being_saved_is_left_alone(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two halves of an edit, each of which would pass the check by itself."""
    watched = Watched(folder)
    pieces = iter([lambda: folder.edit("ussd.yaml", "You earn points", "You collect points")])

    async def meanwhile(_: float) -> None:
        next(pieces, lambda: None)()

    folder.edit("ussd.yaml", HELP_NOW, HELP_THEN)
    monkeypatch.setattr(reloading.asyncio, "sleep", meanwhile)
    await watched.reloader.look()
    assert watched.served == [], "it was still being saved"
    await watched.reloader.look()
    assert [pack.files["ussd.yaml"].count("You collect points") for pack in watched.served] == [1]


async def test_a_store_that_is_away_keeps_the_old_version_until_it_is_back(folder: Folder) -> None:
    watched = Watched(folder)
    folder.edit("ussd.yaml", HELP_NOW, HELP_THEN)
    watched.away = True
    with pytest.raises(StoreUnavailableError):
        await watched.reloader.look()
    assert watched.reloader.serving.standing is Standing.SERVED
    watched.away = False
    await watched.reloader.look()
    assert [HELP_THEN in pack.files["ussd.yaml"] for pack in watched.served] == [True]


async def test_a_file_that_is_gone_is_a_fault_and_comes_back(folder: Folder) -> None:
    watched = Watched(folder)
    text = (folder.path / "ussd.yaml").read_text(encoding="utf-8")
    (folder.path / "ussd.yaml").unlink()
    await watched.reloader.look()
    assert (watched.reloader.serving.standing, watched.served) == (Standing.FAULTY, [])
    folder.write("ussd.yaml", text)
    await watched.reloader.look()
    assert watched.reloader.serving.standing is Standing.SERVED


async def test_comments_of_the_programme_need_no_start(folder: Folder) -> None:
    watched = Watched(folder)
    folder.write("programme.yaml", "# a remark\n" + (folder.path / "programme.yaml").read_text(encoding="utf-8"))
    await watched.reloader.look()
    assert len(watched.served) == 1


@asynccontextmanager
async def texting(ledger, database_url: str, pack: Pack) -> AsyncIterator[Scene]:
    async with scene(ledger, database_url, pack) as stage:
        yield stage


async def test_texts_are_answered_in_the_new_words(ledger, database_url: str, folder: Folder) -> None:
    async with texting(ledger, database_url, folder.pack()) as stage, stage.gateway() as messaging:
        stage.text("Баланс")
        assert (await stage.answered(1))[0].startswith("У вас")
        place = "texts/ru/points.balance.j2"
        folder.write(place, (folder.path / place).read_text(encoding="utf-8").replace("У вас", "На счету"))
        folder.edit("sms.yaml", "keywords: {ru: [Баланс]", "keywords: {ru: [Баланс, Счёт]")
        messaging.adopt(folder.pack())
        stage.text("Счёт")
        assert (await stage.answered(2))[1].startswith("На счету")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground(tmp_path_factory.mktemp("ground")) as held:
        yield held


async def test_a_hangup_signal_looks_at_once(ground: Ground, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "own")
    settings = {**ground.settings, "GATEWAY_PACK": str(folder.path), "GATEWAY_PACK_LOOK_S": "0"}
    with Gateway(tmp_path, settings) as process:
        process.start()
        process.until_ready()
        async with httpx.AsyncClient(base_url=process.url, trust_env=False) as gateway:
            before = (await ready(gateway))["pack"]
            folder.edit("ussd.yaml", HELP_NOW, HELP_THEN)
            process.tell(signal.SIGHUP)
            await serves_another(gateway, before)
            now = (await ready(gateway))["pack"]
        shown = ground.command("packs").stdout
    assert now in shown.split("version")[0], "the process and what it serves"
    assert before in shown, "the version before is there to be found"
