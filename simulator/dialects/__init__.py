"""The USSD gateways that the simulator can play. A dialect is one file here that defines `DIALECT`."""

import pkgutil
from importlib import import_module
from typing import cast

from simulator.call import Dialect
from simulator.errors import PhraseError

DEFAULT = "africastalking"


def names() -> tuple[str, ...]:
    """Every dialect there is."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def dialect(name: str) -> Dialect:
    """The dialect of that name."""
    if name not in names():
        raise PhraseError(f"no such dialect: {name!r}; there are: {', '.join(names())}")
    return cast(Dialect, import_module(f"{__name__}.{name}").DIALECT)
