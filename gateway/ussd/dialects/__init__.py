"""One file per USSD gateway dialect, found by its name. To add one: README.md."""

import importlib
import pkgutil
from collections.abc import Mapping

from gateway.errors import ConfigurationError
from gateway.ussd.dialects.wire import Dialect
from gateway.ussd.message import Profile


def names() -> tuple[str, ...]:
    """The dialects that there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "wire"))


def dialects(wanted: tuple[str, ...]) -> tuple[Dialect, ...]:
    """The dialects of these names. Raises `ConfigurationError` that lists what there is."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        raise ConfigurationError(f"GATEWAY_USSD: no dialect {', '.join(unknown)}; there are {', '.join(names())}")
    return tuple(importlib.import_module(f"{__name__}.{name}").DIALECT for name in wanted)


def profiles() -> Mapping[str, Profile]:
    """What each dialect's gateways allow."""
    return {dialect.name: dialect.profile for dialect in dialects(names())}
