"""Links in their long form: what the file may say, what wins, and where each fault is told."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.datafile.findings import FaultyFileError
from gateway.errors import ConfigurationError
from gateway.smpp import profiles
from gateway.smpp.links import parse, smscs
from gateway.smpp.links_file import SCHEMA_FILE, Link, schema_text
from gateway.smpp.pdu.messages import BindMode
from gateway.smpp.pdu.status import Verdict
from gateway.smpp.settings import PARAMETERS, LinkSettings, links_of

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "deploy" / "smpp.yaml"
SECRET = "hunter2"
ENVIRONMENT = {"SMSC_PASSWORD": SECRET, "SMSC_MAIN_PASSWORD": SECRET, "SMSC_PROMO_PASSWORD": "hunter3"}
ACCOUNT = """\
smscs:
  main:
    host: smsc.example
    system_id: bolshe
    password: ${SMSC_PASSWORD}
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parsed(text: str, environment: dict[str, str] = ENVIRONMENT) -> tuple[LinkSettings, ...]:
    Path("smpp.yaml").write_text(text, encoding="utf-8")
    return parse("smpp.yaml", environment)


def test_the_shortest_is_what_its_url_is() -> None:
    assert parsed(ACCOUNT) == parse(f"smpp://bolshe:{SECRET}@smsc.example")


def test_what_a_link_says_wins_over_its_smsc_and_that_over_the_profile() -> None:
    first, second, third = parsed(
        ACCOUNT
        + """\
    profile: vonage
    window: 7
    links:
      - {}
      - {host: smsc2.example, port: 2776, window: 9, not_now: RSYSERR}
      - {host: smsc3.example, tls: true, system_id: more}
"""
    )
    assert [link.host for link in (first, second, third)] == ["smsc.example", "smsc2.example", "smsc3.example"]
    assert [(link.window, link.not_now) for link in (first, second, third)] == [(7, 0x14), (9, 8), (7, 0x14)]
    assert (second.port, third.tls, third.system_id) == (2776, True, "more")


def test_an_operator_s_form_from_its_first_page_to_its_last() -> None:
    """Every parameter in both forms comes to the same link."""
    said = {
        "system_type": "SMPP", "address_range": "^6111$", "address_range_ton": "3", "address_range_npi": "1",
        "source_ton": "0", "source_npi": "1", "dest_ton": "2", "dest_npi": "8", "service_type": "CMT",
        "priority_flag": "1", "protocol_id": "64", "receipts": "no", "intermediate": "yes", "validity": "no",
        "message_ids": "hex", "ussd_source": "123",
        "concatenation": "sar",
        "default_alphabet": "latin-1", "not_now": "0x14", "receive_pause_after_s": "5", "window": "10", "tps": "20",
        "bind_s": "5", "enquire_s": "20", "response_s": "7.5", "silence_s": "60", "region": "KZ", "ca": "/ca.pem",
        "binds": "2", "bind": "pair", "profile": "sinch", "ussd_data_coding": "cbs",
        "stands_in_for": "", "stands_in_after_s": "9",
    }  # fmt: skip
    lines = "".join(f"    {name}: {value!r}\n" for name, value in said.items())
    verdicts = "    verdict:\n      0x45: message_bad\n      RTHROTTLED: retry\n"
    query = "&".join(f"{name}={value}" for name, value in said.items()) + "&verdict=0x45:message_bad%2B0x58:retry"
    url = f"smpp://bolshe:{SECRET}@smsc.example?smsc=main&{query}"
    assert parsed(ACCOUNT + lines + verdicts) == parse(url)
    assert set(said) | {"verdict", "smsc", "ussd"} == set(PARAMETERS), "a parameter that is not tried here"
    assert len(parse(url)) == 4
    assert parse(url)[0].verdict(0x58) is Verdict.RETRY


def test_both_forms_take_their_names_from_the_same_place() -> None:
    own = {"host", "port", "tls", "system_id", "password"}
    assert set(Link.model_fields) == (set(PARAMETERS) | own) - {"smsc"}
    assert own | set(PARAMETERS) - {"binds", "verdict"} == {each.name for each in fields(LinkSettings)} - {
        "number",
        "verdicts",
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(ACCOUNT + "    windw: 3\n", "smpp.yaml:6: error: smscs.main.windw: is no key", id="misspelt"),
        pytest.param(ACCOUNT + "    window: 0\n", "smpp.yaml:6: error: smscs.main.window: must be 1", id="no window"),
        pytest.param(ACCOUNT + "    window:\n", "smpp.yaml:6: error: smscs.main.window: must be", id="nothing"),
        pytest.param(ACCOUNT + "    bind: both\n", "smscs.main.bind: must be 'transceiver', 'tr", id="a bind"),
        pytest.param(ACCOUNT + "    not_now: 0x65\n", "smscs.main.not_now: 0x65 stops everything", id="not now"),
        pytest.param(
            ACCOUNT + "    verdict: {0x45: bad}\n", "smscs.main.verdict.0x45: must be 'ok', 'retry'", id="a verdict"
        ),
        pytest.param(
            ACCOUNT + "    verdict: {soon: retry}\n", "smscs.main: verdict: a status is a number", id="its status"
        ),
        pytest.param(
            ACCOUNT + "    links:\n      - host: a\n      - host: b\n        tls: perhaps\n",
            "smpp.yaml:9: error: smscs.main.links.1.tls: must be true or false",
            id="in a link",
        ),
        pytest.param(
            ACCOUNT + "    silence_s: 5\n", "smpp.yaml:2: error: smscs.main: silence_s is longer", id="two that clash"
        ),
        pytest.param(
            ACCOUNT + "    profile: nobody\n", "smpp.yaml:6: error: smscs.main.profile: is none", id="profile"
        ),
        pytest.param(ACCOUNT.replace("main", "The Main"), "smscs.The Main: must be a name of small", id="a name"),
        pytest.param(
            ACCOUNT.replace("    host: smsc.example\n", ""), "smscs.main: host is missing: add it here", id="nowhere"
        ),
        pytest.param("smscs: {}\n", "smpp.yaml:1: error: smscs: needs at least 1: add one", id="none"),
        pytest.param("", "smpp.yaml:1: error: the file is empty", id="empty"),
        pytest.param(
            ACCOUNT + ACCOUNT.replace("smscs:\n", "").replace("main", "other"),
            "smpp.yaml:6: error: smscs.other: is smpp.yaml:2 again",
            id="an account twice",
        ),
        pytest.param(ACCOUNT + "    bind: receiver\n", "every link of smsc=main is a receiver", id="no way out"),
    ],
)
def test_a_fault_is_told_where_to_mend_it(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parsed(text)
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


def test_every_fault_of_shape_is_told_at_once() -> None:
    with pytest.raises(FaultyFileError) as caught:
        parsed(ACCOUNT + "    windw: 3\n    tps: many\n")
    assert [(finding.line, finding.key) for finding in caught.value.findings] == [
        (7, "smscs.main.tps"),
        (6, "smscs.main.windw"),
    ]


@pytest.mark.parametrize("written", [SECRET, "$SMSC_PASSWORD", "'x${SMSC_PASSWORD}'", "${smsc}"])
def test_a_password_is_never_in_the_file(written: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"smpp\.yaml:5: error: smscs\.main\.password: must be the name of"
    ) as caught:
        parsed(ACCOUNT.replace("${SMSC_PASSWORD}", written))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("environment", [{}, {"SMSC_PASSWORD": ""}])
def test_a_variable_that_is_not_set_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(
        ConfigurationError, match=r"smpp\.yaml:5: error: smscs\.main\.password: SMSC_PASSWORD is not set"
    ):
        parsed(ACCOUNT, environment)


def test_a_password_that_no_bind_has_room_for_is_not_repeated() -> None:
    with pytest.raises(
        ConfigurationError, match=r"smpp\.yaml:2: error: smscs\.main: password: takes up to 8"
    ) as caught:
        parsed(ACCOUNT, {"SMSC_PASSWORD": "hunter2hunter2"})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("path", ["smpp.yaml", "links/SMSC.YML", "smpp.yml"])
def test_a_path_is_no_url(path: str) -> None:
    Path("links").mkdir()
    Path(path).write_text(ACCOUNT, encoding="utf-8")
    assert [link.host for link in parse(f" {path} ", ENVIRONMENT)] == ["smsc.example"]


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.yaml:1: error: cannot be read"):
        parse("gone.yaml")


def test_the_names_of_smscs_need_no_password() -> None:
    Path("smpp.yaml").write_text(ACCOUNT.replace("main", "out"), encoding="utf-8")
    assert smscs("smpp.yaml")[0] == "out"
    assert smscs("smpp://b:p@h?smsc=promo&binds=2") == ("promo",)
    assert smscs("smpp://b:p@h") == ("main",)
    assert smscs("") == ()


def test_the_shipped_example_is_right() -> None:
    links = parse(str(EXAMPLE), ENVIRONMENT)
    assert [(link.smsc, link.bind) for link in links] == [
        *(("main", mode) for mode in (BindMode.TRANSMITTER, BindMode.RECEIVER) * 2),
        ("promo", BindMode.TRANSCEIVER),
    ]
    assert SECRET not in EXAMPLE.read_text(encoding="utf-8")


def test_the_published_schema_is_the_one_in_use() -> None:
    regenerate = "from gateway.smpp.links_file import schema_text; print(schema_text(), end='')"
    assert (ROOT / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), (
        f'the form of links changed: run .venv/bin/python -c "{regenerate}" > {SCHEMA_FILE}'
    )


def test_the_schema_says_what_a_setting_means_and_what_it_is_otherwise() -> None:
    link = json.loads(schema_text())["$defs"]["Link"]["properties"]
    assert link["window"]["default"] == 50
    assert link["window"]["description"].startswith("Submits without an answer at one time.")
    assert "default" not in link["password"]
    assert link["bind"]["enum"] == ["transceiver", "transmitter", "receiver", "pair"]


@pytest.mark.parametrize("name", profiles.profiles())
def test_each_profile_is_right_and_changes_something(name: str) -> None:
    account = {"host": "h", "system_id": "b", "password": "p"}
    (plain,), (link,) = links_of(account, "here"), links_of({**account, "profile": name}, "here")
    changed = {each.name for each in fields(LinkSettings) if getattr(link, each.name) != getattr(plain, each.name)}
    assert {"profile"} < changed <= {"profile", *profiles.settings_of(name)}
    assert profiles.profiles()[name].document.startswith("https://")


def test_the_profile_of_one_that_retries_on_few_statuses() -> None:
    (link,) = parse("smpp://b:p@h?profile=vonage")
    assert link.not_now in {0x08, 0x14, 0x45, 0x58, 0x67, 0xFE, 0xFF}
    (own,) = parse("smpp://b:p@h?profile=vonage&not_now=0x58")
    assert own.not_now == 0x58


def test_the_settings_page_lists_every_profile() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, profile in profiles.profiles().items():
        told = ", ".join(f"`{key}={value}`" for key, value in profile.settings.items())
        assert f"| `{name}` | {told} | {profile.document} |" in page, f"docs/settings.md: the row of {name}"
