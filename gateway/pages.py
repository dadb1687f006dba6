"""Pages that stand for themselves: templates beside the module that writes one, with everything in them escaped."""

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

NAME = "page.html.j2"


def template(folder: Path, filters: Mapping[str, Callable[..., object]]) -> Template:
    """The page of a folder, with the filters that it uses. A name that is not given to it is an error."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(NAME)
