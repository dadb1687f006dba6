"""The USSD gateways that the simulator can play. A dialect is one file here that defines `DIALECT`."""

import pkgutil
from importlib import import_module
from typing import cast

from simulator.call import Dialect
from simulator.errors import PhraseError
from simulator.over_smpp import SmppDialect

DEFAULT = "africastalking"


def names() -> tuple[str, ...]:
    """Every dialect there is."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def dialect(name: str) -> Dialect:
    """The dialect of that name."""
    if name not in names():
        raise PhraseError(f"no such dialect: {name!r}; there are: {', '.join(names())}")
    return cast(Dialect, import_module(f"{__name__}.{name}").DIALECT)


def links(at: str) -> tuple[str, ...]:
    """The links of a gateway that shall speak every dialect there is over SMPP, with an SMSC of ours at `host:port`."""
    return tuple(spoken.link(at) for spoken in map(dialect, names()) if isinstance(spoken, SmppDialect))
