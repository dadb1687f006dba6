"""What `gateway check` proves before anything is served: settings, and the whole pack.

Joins what no lower module may join: the pack's files, the actions' declarations, the dialects' profiles.
"""

from collections.abc import Callable, Mapping

from gateway.datafile.findings import FaultyFileError, Finding
from gateway.errors import ConfigurationError
from gateway.loyalty import programme as programmes
from gateway.menu import document
from gateway.menu.checks.dial import read_published
from gateway.menu.lint import lint
from gateway.pack import PROGRAMME, USSD, action_specs, vocabulary
from gateway.packs import PackFiles
from gateway.settings import Settings, dialect_access
from gateway.store.numbers import NumberKeys
from gateway.ussd.dialects import dialects, names
from gateway.ussd.message import Profile

SECRETS = ("database_url", "redis_url", "api_keys", "number_keys")


def check_settings(settings: Settings, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with the settings, a sentence each."""
    attempts: list[Callable[[], object]] = [
        lambda: settings.keys_of_api(demo=False),
        lambda: dialects(settings.dialects(demo=False)),
        lambda: [dialect_access(name, environment) for name in names()],
    ]
    if settings.number_keys is not None:
        text = settings.number_keys.get_secret_value()
        attempts.append(lambda: NumberKeys.parse(text))
    faults = []
    for attempt in attempts:
        try:
            attempt()
        except ConfigurationError as error:
            faults.append(str(error))
    if settings.database_url is not None and settings.number_keys is None:
        faults.append(
            "GATEWAY_DATABASE_URL without GATEWAY_NUMBER_KEYS: numbers in that database could not be read again"
        )
    return tuple(faults)


def shown_settings(settings: Settings) -> Mapping[str, str]:
    """Every setting by its variable's name; what is secret is only said to be set."""
    shown = {}
    for name, value in settings:
        variable = f"GATEWAY_{name.upper()}"
        if name in SECRETS:
            shown[variable] = "not set" if value is None else "set"
        else:
            shown[variable] = "not set" if value is None else str(value)
    return shown


def check_pack(files: PackFiles) -> tuple[Finding, ...]:
    """Every finding in a pack, errors and warnings, file by file."""
    try:
        programme = programmes.load(str(files.programme), files.read()[PROGRAMME])
        read = document.read(str(files.ussd), files.read()[USSD])
        published = {}
        if files.published.is_file():
            published = read_published(str(files.published), files.published.read_text(encoding="utf-8"))
        return lint(read, action_specs(programme), vocabulary(programme), profiles(), published)
    except FaultyFileError as error:
        return error.findings


def profiles() -> Mapping[str, Profile]:
    """What each dialect's gateways allow."""
    return {dialect.name: dialect.profile for dialect in dialects(names())}
