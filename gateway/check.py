"""What `gateway check` proves before anything is served: settings, and the whole pack.

Joins what no lower module may join: the pack's files, the actions' declarations, the dialects' profiles.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway import packs
from gateway.datafile.findings import FaultyFileError, Finding, Severity, choices
from gateway.datafile.kinds import Kind
from gateway.datafile.reading import read_text
from gateway.errors import ConfigurationError
from gateway.fulfilment.billing import trusted
from gateway.loyalty import programme_file
from gateway.loyalty.programme import Fulfilment, Programme
from gateway.menu import document
from gateway.menu.checks.dial import read_published
from gateway.menu.lint import lint
from gateway.msisdn import REGIONS
from gateway.pack import action_specs, vocabulary
from gateway.packs import PackFiles
from gateway.settings import Settings, dialect_access, strange_proofs
from gateway.smpp.link import tls_context
from gateway.smpp.links import parse as parse_links
from gateway.smpp.links import silent, smscs
from gateway.smpp.links_file import is_path
from gateway.smpp.settings import LinkSettings
from gateway.sms import route_table
from gateway.sms.checks.cost import Cost
from gateway.sms.dialects import names as sms_names
from gateway.sms.http_settings import parse as parse_http_links
from gateway.sms.http_settings import trusted as trusted_gateway
from gateway.sms.lint import lint as lint_sms
from gateway.sms.texts import text_files
from gateway.state.client import checked as checked_redis
from gateway.store.code_keys import CodeKeys
from gateway.store.numbers import NumberKeys
from gateway.store.urls import checked
from gateway.ussd.dialects import dialects, names, profiles

SECRETS = (
    "database_url",
    "redis_url",
    "smpp",
    "sms",
    "api_keys",
    "number_keys",
    "code_key",
    "billing_url",
    "billing_key",
)


def check_settings(settings: Settings, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with the settings, a sentence each."""
    attempts: list[Callable[[], object]] = [
        lambda: settings.keys_of_api(demo=False),
        lambda: dialects(settings.dialects()),
        lambda: [dialect_access(name, environment) for name in names()],
        lambda: [dialect_access(name, environment, "SMS") for name in sms_names()],
        lambda: _proofs(settings, environment),
        lambda: _region(settings.region),
        lambda: _links(settings, environment),
        lambda: _http_links(settings, environment),
        lambda: _billing(settings),
    ]
    if settings.number_keys is not None:
        text = settings.number_keys.get_secret_value()
        attempts.append(lambda: NumberKeys.parse(text))
    if settings.code_key is not None:
        code_key = settings.code_key.get_secret_value()
        attempts.append(lambda: CodeKeys.parse(code_key))
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        attempts.append(lambda: checked(url))
    if settings.redis_url is not None:
        redis_url = settings.redis_url.get_secret_value()
        attempts.append(lambda: checked_redis(redis_url))
    faults = [
        f"settings: {name} belongs to no dialect: check its spelling; there are {', '.join(names())}"
        for name in strange_proofs(environment, names())
    ]
    faults += [
        f"settings: {name} belongs to no SMS gateway: check its spelling; there are {', '.join(sms_names())}"
        for name in strange_proofs(environment, sms_names(), "SMS")
    ]
    for attempt in attempts:
        try:
            attempt()
        except ConfigurationError as error:
            faults.append(str(error))
    if settings.database_url is not None and settings.number_keys is None:
        faults.append(
            "GATEWAY_DATABASE_URL without GATEWAY_NUMBER_KEYS: numbers in that database could not be read again"
        )
    if settings.database_url is not None and settings.code_key is None:
        faults.append(
            "GATEWAY_DATABASE_URL without GATEWAY_CODE_KEY: gift codes in that database could not be found again"
        )
    return tuple(faults)


def _proofs(settings: Settings, environment: Mapping[str, str]) -> None:
    """Every mounted dialect asks its callers for something; one that does not answers nobody."""
    for name in settings.dialects():
        if name in names() and not dialect_access(name, environment).configured:
            raise ConfigurationError(
                f"settings: {name} is mounted and asks for no proof, so it answers nobody: set one of "
                f"GATEWAY_USSD_{name.upper()}_SECRET, _HMAC_KEY, _ALLOW, _USER with _PASSWORD, _API_KEY"
            )


def _region(region: str) -> None:
    if region not in REGIONS:
        raise ConfigurationError(f"settings: GATEWAY_REGION={region} is no country: two letters, such as RU")


def _links(settings: Settings, environment: Mapping[str, str]) -> None:
    """The links can be read, and so can what they name; there is something to say over them."""
    links = parse_links(settings.links, environment)
    for link in links:
        tls_context(link)
    if links and not packs.locate(settings.pack).sms.exists():
        raise ConfigurationError(
            f"GATEWAY_SMPP is set, and the pack {settings.pack} has no sms.yaml: write one, or unset the links"
        )


def _http_links(settings: Settings, environment: Mapping[str, str]) -> None:
    """So can those over HTTP; and each dialect that they speak asks its callers for something, or it answers nobody."""
    others: tuple[str, ...] = ()
    with suppress(ConfigurationError):  # which is told of `_links`
        others = smscs(settings.links)
    links = parse_http_links(settings.http_links, others)
    for link in links:
        trusted_gateway(link)
        if not dialect_access(link.dialect, environment, "SMS").configured:
            raise ConfigurationError(
                f"GATEWAY_SMS names {link.dialect}, whose callers are asked for no proof, so it answers "
                f"nobody: set one of GATEWAY_SMS_{link.dialect.upper()}_SECRET, _HMAC_KEY, _ALLOW, _USER with "
                "_PASSWORD, _API_KEY"
            )
    if links and not packs.locate(settings.pack).sms.exists():
        raise ConfigurationError(
            f"GATEWAY_SMS is set, and the pack {settings.pack} has no sms.yaml: write one, or unset the links"
        )


def _billing(settings: Settings) -> None:
    """The billing can be called, and the certificates that it is to be judged by can be read."""
    if access := settings.billing():
        trusted(access)


def shown_settings(settings: Settings, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Every setting by its variable's name; what is secret is only said to be set. So are all proofs of callers."""
    shown = {name: "set" for name in sorted(environment) if name.startswith(("GATEWAY_USSD_", "GATEWAY_SMS_"))}
    for name, value in settings:
        variable = f"GATEWAY_{name.upper()}"
        if name == "smpp" and is_path(settings.links):
            shown[variable] = settings.links
        elif name in SECRETS:
            shown[variable] = "not set" if value is None else "set"
        else:
            shown[variable] = "not set" if value is None else str(value)
    return shown


def shown_links(settings: Settings, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Every setting of every link, by the link's name; passwords are in neither. Equal binds stand once."""
    links = (link for link in _readable(settings, environment) if link.number == 1)
    return {link.shown: link.told for link in links}


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a pack, errors and warnings, file by file, and what each text of SMS costs at its longest:
    nothing where the pack says nothing by SMS, or has errors there."""

    findings: tuple[Finding, ...]
    costs: tuple[Cost, ...]
    ways: frozenset[Fulfilment] = frozenset()
    """How its rewards get to members."""


def check_pack(files: PackFiles) -> Checked:
    """Prove a whole pack: programme, menu, keywords, texts."""
    findings: list[Finding] = []
    added = {str(path): _loaded(_as_it_is, path, findings) for path in files.languages}
    beside = {path: text for path, text in added.items() if text is not None}
    programme = _loaded(lambda file, text: programme_file.load(file, text, beside), files.programme, findings)
    menu = _loaded(lambda file, text: document.read(file, text, beside), files.ussd, findings)
    published = _loaded(read_published, files.published, findings) if files.published.exists() else {}
    if programme is not None and menu is not None and published is not None:
        findings += lint(menu, action_specs(programme), vocabulary(programme), profiles(), published)
    costs = _check_sms(files, beside, programme, findings)
    findings += _strays(files)
    ways = frozenset(reward.fulfilment for reward in programme.rewards) if programme else frozenset()
    return Checked(tuple(findings), costs, ways)


def _strays(files: PackFiles) -> Iterator[Finding]:
    """Files that look like the pack's, and that nothing reads: a slip in a name would pass for no file."""
    known = [*files.named, *(name.replace(".yaml", ".kk.yaml") for name in files.named if name != files.published.name)]
    for path in files.strays:
        advice = f"{choices(path.name, known)} (kk: a language); or take it out of the folder"
        told = "is read by nothing: a pack has no such file"
        yield Finding(str(path), 1, "", Kind.FILE_UNKNOWN, told, advice, Severity.WARNING)


def check_together(settings: Settings, checked: Checked, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What a pack needs that a deployment's settings do not give: warnings, since staff can do by hand what is
    missing, or another process has it."""
    return (*_undelivered(settings, checked), *silent(_readable(settings, environment)))


def _readable(settings: Settings, environment: Mapping[str, str]) -> tuple[LinkSettings, ...]:
    """The links, or none where they are faulty: `check_settings` tells of that."""
    try:
        return parse_links(settings.links, environment)
    except ConfigurationError:
        return ()


def _undelivered(settings: Settings, checked: Checked) -> tuple[str, ...]:
    is_deployed = settings.database_url is not None
    if is_deployed and Fulfilment.BILLING in checked.ways and settings.billing_url is None:
        warning = (
            "the pack has rewards that the operator's billing delivers, and GATEWAY_BILLING_URL is not set: members "
            "will hear that theirs are on the way until staff end each order (docs/billing.md)"
        )
        return (warning,)
    return ()


def _check_sms(
    files: PackFiles, beside: Mapping[str, str], programme: Programme | None, findings: list[Finding]
) -> tuple[Cost, ...]:
    """What the texts of SMS cost, with what is wrong with them and their keywords among `findings`."""
    if not files.sms.exists():
        if files.texts:
            fault = "is missing, and the pack has texts of SMS"
            findings.append(Finding(str(files.sms), 1, "", Kind.KEYWORDS_MISSING, fault, "write it"))
        return ()
    keywords = _loaded(lambda file, text: route_table.read(file, text, beside), files.sms, findings)
    texts = {str(path): _loaded(_as_it_is, path, findings) for path in files.texts}
    read = {path: text for path, text in texts.items() if text is not None}
    if programme is None or keywords is None or len(read) < len(texts):
        return ()
    found, costs = lint_sms(keywords, text_files(read), action_specs(programme), vocabulary(programme))
    findings += found
    return costs


def _as_it_is(_: str, text: str) -> str:
    return text


Loaded = TypeVar("Loaded")


def _loaded(load: Callable[[str, str], Loaded], path: Path, findings: list[Finding]) -> Loaded | None:
    """What `load` makes of a file; None when it is faulty, with its faults among `findings`."""
    try:
        return load(str(path), read_text(path))
    except FaultyFileError as error:
        findings += error.findings
        return None
