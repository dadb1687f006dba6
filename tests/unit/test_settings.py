"""Settings: what operators write, what they are told, and that no secret shows."""

from pathlib import Path

import pytest

from gateway import settings
from gateway.check import Checked, check_settings, check_together, shown_links, shown_settings
from gateway.errors import ConfigurationError
from gateway.settings import DialectAccess, Repeats, Scope, dialect_access, strange_proofs
from gateway.smpp.settings import PARAMETERS
from gateway.sms.dialects import dialect, names
from gateway.sms.http_settings import COMMON


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env`, no variables of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(f"GATEWAY_{name.upper()}", raising=False)


def test_defaults_need_nothing() -> None:
    loaded = settings.load()
    assert (loaded.http_host, loaded.http_port, loaded.pack, str(loaded.data_dir)) == (
        "127.0.0.1",
        8080,
        "bolshe",
        "var",
    )
    assert loaded.embedded


def test_a_file_beside_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("GATEWAY_HTTP_PORT=8081\nGATEWAY_PACK=isp\n", encoding="utf-8")
    monkeypatch.setenv("GATEWAY_PACK", "bolshe")
    assert (settings.load().http_port, settings.load().pack) == (8081, "bolshe")


@pytest.mark.parametrize(
    ("name", "value"), [("HTTP_PORT", "eighty"), ("HTTP_PORT", "70000"), ("READ_TRACKS", "0"), ("WRITE_TRACKS", "x")]
)
def test_a_wrong_value_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    with pytest.raises(ConfigurationError, match=f"GATEWAY_{name}") as refused:
        settings.load()
    assert value not in str(refused.value).replace(f"GATEWAY_{name}", "")


def test_api_keys_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_API_KEYS", "crm:hunter2:events, billing:pass:events")
    keys = settings.load().keys_of_api(demo=False)
    assert [(key.name, key.scopes) for key in keys] == [("crm", {Scope.EVENTS}), ("billing", {Scope.EVENTS})]


@pytest.mark.parametrize(
    "value",
    [
        "crm",
        "crm:hunter2",
        "crm:hunter2:everything",
        "crm:hunter2:events:x",
        "crm::events",
        ":hunter2:events",
        "crm: :events",
    ],
)
def test_wrong_api_keys_are_explained_without_the_secret(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GATEWAY_API_KEYS", value)
    with pytest.raises(ConfigurationError, match="name:secret:scope") as refused:
        settings.load().keys_of_api(demo=False)
    assert "hunter2" not in str(refused.value)


def test_the_demo_key_exists_in_demo_mode_only() -> None:
    assert settings.load().keys_of_api(demo=False) == ()
    assert [key.name for key in settings.load().keys_of_api(demo=True)] == ["demo"]


def test_dialects_are_mounted_by_name_or_as_a_demo_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load().dialects(("hubtel", "restcomm")) == ("hubtel", "restcomm")
    assert settings.load().dialects() == ()
    monkeypatch.setenv("GATEWAY_USSD", "africastalking")
    assert settings.load().dialects(("hubtel", "restcomm")) == ("africastalking",)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ALLOW", "10.0.0.0/33", "ALLOW"),
        ("ALLOW", "the office", "ALLOW"),
        ("USER", "at", "go together"),
        ("SECRETS", "x", "no such setting"),
    ],
)
def test_wrong_access_is_explained(name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        dialect_access("africastalking", {f"GATEWAY_USSD_AFRICASTALKING_{name}": value})


def test_access_without_settings_is_none_at_all() -> None:
    assert dialect_access("africastalking", {"GATEWAY_USSD_OTHER_SECRET": "x"}) == DialectAccess()
    assert not DialectAccess().configured


def test_check_shows_that_secrets_are_set_and_nothing_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://gateway:hunter2@db/loyalty")
    monkeypatch.setenv("GATEWAY_API_KEYS", "crm:hunter2:events")
    shown = shown_settings(settings.load(), {"GATEWAY_USSD_AFRICASTALKING_SECRET": "hunter2"})
    assert shown["GATEWAY_DATABASE_URL"] == "set"
    assert "hunter2" not in str(shown)
    assert "hunter2" not in repr(settings.load())


def test_a_database_without_keys_for_its_numbers_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://gateway@db/loyalty")
    assert any("GATEWAY_NUMBER_KEYS" in fault for fault in check_settings(settings.load(), {}))


def test_two_api_keys_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("crm:a:events,crm:b:events", "crm:hunter2:events,billing:hunter2:events"):
        monkeypatch.setenv("GATEWAY_API_KEYS", value)
        with pytest.raises(ConfigurationError, match="of its own") as refused:
            settings.load().keys_of_api(demo=False)
        assert "hunter2" not in str(refused.value)


def test_what_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "")
    monkeypatch.setenv("GATEWAY_API_KEYS", "")
    assert settings.load().database_url is None
    assert settings.load().keys_of_api(demo=False) == ()
    prefix = "GATEWAY_USSD_AFRICASTALKING_"
    assert dialect_access("africastalking", {f"{prefix}USER": "", f"{prefix}PASSWORD": " "}) == DialectAccess()
    with pytest.raises(ConfigurationError, match="go together"):
        dialect_access("africastalking", {f"{prefix}USER": "bob", f"{prefix}PASSWORD": ""})


def test_a_secret_that_no_path_could_have_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no /"):
        dialect_access("africastalking", {"GATEWAY_USSD_AFRICASTALKING_SECRET": "a/b"})


def test_a_misspelt_dialect_is_noticed() -> None:
    environment = {"GATEWAY_USSD_AFRICASTAKLING_SECRET": "x", "GATEWAY_USSD_AFRICASTALKING_ALLOW": "10.0.0.1"}
    assert strange_proofs(environment, ("africastalking",)) == ("GATEWAY_USSD_AFRICASTAKLING_SECRET",)


def test_a_file_in_another_encoding_is_explained() -> None:
    Path(".env").write_bytes("GATEWAY_PACK=больше".encode("cp1251"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        settings.load()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("REDIS_URL", "mysql://h", "redis://"),
        ("REDIS_URL", "redis://h:99999", "port"),
        ("DATABASE_URL", "mysql://h/d", "postgresql://"),
        ("REGION", "XX", "no country"),
        ("USSD", "africastalking", "asks for no proof"),
        ("USSD", "nobody", "no dialect nobody"),
        ("NUMBER_KEYS", "1:abc", "64 hexadecimal"),
        ("SMPP", "smpps://b:p@h?ca=/nope", "main b@h:2775: ca: no certificates can be read from that file: No such"),
        ("SMPP", "smpp://b:p@h,smpp://b:p@h", "binds=2"),
    ],
)
def test_check_names_what_would_not_work(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert any(says in fault for fault in check_settings(settings.load(), {})), check_settings(settings.load(), {})


def test_check_names_a_misspelt_dialect() -> None:
    [fault] = check_settings(settings.load(), {"GATEWAY_USSD_AFRICASTAKLING_SECRET": "x"})
    assert "GATEWAY_USSD_AFRICASTAKLING_SECRET" in fault


SETTINGS_PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [f"GATEWAY_{name.upper()}" for name in settings.Settings.model_fields])
def test_every_variable_is_documented(name: str) -> None:
    assert f"`{name}`" in SETTINGS_PAGE


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_parameter_of_a_link_is_documented(parameter: str) -> None:
    assert f"`{parameter}`" in SETTINGS_PAGE.partition("## Links")[2]


@pytest.mark.parametrize("parameter", sorted(COMMON.union(*(dialect(name).parameters for name in names()))))
def test_every_parameter_of_a_link_over_http_is_documented(parameter: str) -> None:
    assert f"`{parameter}`" in SETTINGS_PAGE.partition("## SMS over HTTP")[2]


@pytest.mark.parametrize("name", names())
def test_every_sms_gateway_is_documented(name: str) -> None:
    assert f"GATEWAY_SMS={name}://" in SETTINGS_PAGE


KANNEL = "kannel://bolshe:hunter2@kannel.example?smsc=kannel"


def test_check_wants_a_proof_of_sms_gateways_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMS", KANNEL)
    (fault,) = check_settings(settings.load(), {})
    assert "set one of GATEWAY_SMS_KANNEL_SECRET" in fault
    proof = {"GATEWAY_SMS_KANNEL_SECRET": "hunter2"}
    assert check_settings(settings.load(), proof) == ()
    shown = shown_settings(settings.load(), proof)
    assert (shown["GATEWAY_SMS"], shown["GATEWAY_SMS_KANNEL_SECRET"]) == ("set", "set")


@pytest.mark.parametrize(
    ("sms", "smpp", "proof", "says"),
    [
        pytest.param(KANNEL, "smpp://b:p@h?smsc=kannel", "KANNEL_SECRET", "names of their own", id="a name of SMPP's"),
        pytest.param(KANNEL + "&ca=/nope", "", "KANNEL_SECRET", "no certificates can be read", id="no certificates"),
        pytest.param(
            "kannel://bolshe:hunter2@h:x", "", "KANNEL_SECRET", "a port is a number", id="a port that is none"
        ),
        pytest.param("", "", "KANEL_SECRET", "belongs to no SMS gateway", id="a proof of nobody"),
        pytest.param("", "", "KANNEL_USER", "go together", id="half a proof"),
    ],
)
def test_check_names_what_is_wrong_with_sms_over_http(
    monkeypatch: pytest.MonkeyPatch, sms: str, smpp: str, proof: str, says: str
) -> None:
    monkeypatch.setenv("GATEWAY_SMS", sms)
    monkeypatch.setenv("GATEWAY_SMPP", smpp)
    faults = check_settings(settings.load(), {f"GATEWAY_SMS_{proof}": "hunter2"})
    assert len(faults) == 1, faults
    assert says in faults[0]
    assert "hunter2" not in faults[0]


def test_links_need_a_pack_that_answers_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("programme.yaml", "ussd.yaml"):
        (tmp_path / name).touch()
    monkeypatch.setenv("GATEWAY_PACK", str(tmp_path))
    assert check_settings(settings.load(), {}) == ()
    monkeypatch.setenv("GATEWAY_SMPP", "smpp://b:p@h")
    (fault,) = check_settings(settings.load(), {})
    assert "has no sms.yaml: write one, or unset the links" in fault
    (tmp_path / "sms.yaml").touch()
    assert check_settings(settings.load(), {}) == ()


def test_a_wrong_link_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMPP", "smpp://bolshe:hunter2@smsc.example:99999")
    (fault,) = check_settings(settings.load(), {})
    assert "GATEWAY_SMPP: link 1" in fault
    assert "hunter2" not in fault
    assert shown_settings(settings.load(), {})["GATEWAY_SMPP"] == "set"


def test_links_that_only_send_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMPP", "smpp://b:p@h?smsc=promo&bind=transmitter")
    assert check_settings(settings.load(), {}) == ()
    (warning,) = check_together(settings.load(), Checked((), ()), {})
    assert "no link of smsc=promo receives" in warning


def test_what_each_link_comes_to_is_shown_without_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMPP", "smpp://bolshe:hunter2@smsc.example?binds=2&profile=vonage&verdict=0x45:retry")
    ((name, told),) = shown_links(settings.load(), {}).items()
    assert name == "main bolshe@smsc.example:2775"
    assert {"window=50", "not_now=0x14", "verdict=0x45:retry", "bind=transceiver", "receipts=all"} <= set(told.split())
    assert "hunter2" not in name + told


def test_links_in_a_file_are_shown_by_its_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "smpp.yaml"
    file.write_text("smscs: {main: {host: h, system_id: b, password: '${SMSC_PASSWORD}'}}\n", encoding="utf-8")
    monkeypatch.setenv("GATEWAY_SMPP", str(file))
    assert shown_settings(settings.load(), {})["GATEWAY_SMPP"] == str(file)
    (fault,) = check_settings(settings.load(), {})
    assert "SMSC_PASSWORD is not set" in fault
    assert check_settings(settings.load(), {"SMSC_PASSWORD": "hunter2"}) == ()
    assert list(shown_links(settings.load(), {"SMSC_PASSWORD": "hunter2"})) == ["main b@h:2775"]


BILLING = {"URL": "https://billing.example/loyalty/", "KEY": "0123456789abcdef"}


def test_the_billing_is_read_and_is_asked_once_unless_it_says_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load().billing() is None
    for name, value in BILLING.items():
        monkeypatch.setenv(f"GATEWAY_BILLING_{name}", value)
    access = settings.load().billing()
    assert access is not None
    assert (access.url, access.repeats, access.timeout_s) == ("https://billing.example/loyalty", Repeats.NEVER, 10)
    assert "0123456789abcdef" not in repr(access)
    shown = shown_settings(settings.load(), {})
    assert (shown["GATEWAY_BILLING_KEY"], shown["GATEWAY_BILLING_URL"]) == ("set", "set")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        pytest.param("URL", "billing.example", "an address such as", id="no scheme"),
        pytest.param("URL", "ftp://billing.example", "an address such as", id="another scheme"),
        pytest.param("URL", "https://", "an address such as", id="no host"),
        pytest.param("URL", "https://me:hunter2@billing.example", "without a user", id="a password in it"),
        pytest.param("URL", "https://billing.example/?key=hunter2", "question mark", id="a query"),
        pytest.param("URL", "https://billing.example:99999", "an address such as", id="no port"),
        pytest.param("URL", "", "GATEWAY_BILLING_URL is not", id="a key alone"),
        pytest.param("KEY", "", "goes with GATEWAY_BILLING_KEY", id="no key"),
        pytest.param("KEY", "short", "16 characters", id="a short key"),
        pytest.param("REPEATS", "sometimes", "GATEWAY_BILLING_REPEATS", id="another word"),
        pytest.param("TIMEOUT_S", "61", "GATEWAY_BILLING_TIMEOUT_S", id="too patient"),
    ],
)
def test_a_billing_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str) -> None:
    for known, right in (BILLING | {name: value}).items():
        monkeypatch.setenv(f"GATEWAY_BILLING_{known}", right)
    with pytest.raises(ConfigurationError) as refused:
        settings.load().billing()
    assert why in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_certificates_of_the_billing_are_read_by_check(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (BILLING | {"CA": "nowhere.pem"}).items():
        monkeypatch.setenv(f"GATEWAY_BILLING_{name}", value)
    assert any("GATEWAY_BILLING_CA=nowhere.pem" in fault for fault in check_settings(settings.load(), {}))
