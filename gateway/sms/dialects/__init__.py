"""One file per SMS gateway that speaks HTTP, found by its name. To add one: README.md."""

import importlib
import pkgutil

from gateway.sms.dialects.wire import Dialect


def names() -> tuple[str, ...]:
    """The dialects that there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "wire"))


def dialect(name: str) -> Dialect:
    """The dialect of that name, which is one of `names`."""
    found: Dialect = importlib.import_module(f"{__name__}.{name}").DIALECT
    return found
