"""The verbs: one file each. Menus, keywords and the API are ways to say them; no verb knows which it was.

To add one: a module here with `declare(programme) -> ActionSpec` and `async run(call) -> Outcome | Intent`. It is found
by its file's name.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from gateway.actions.verb import Verb


@cache
def verbs() -> Mapping[str, Verb]:
    """Every verb by name. The name of a verb is the name of its module."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "verb":
            loaded = importlib.import_module(f"{__name__}.{module.name}")
            found[module.name] = Verb(loaded.declare, loaded.run)
    return found
