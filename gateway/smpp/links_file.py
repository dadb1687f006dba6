"""Links in their long form: a YAML file, in which each SMSC has its settings once and its hosts below them.

    smscs:
      main:
        profile: vonage
        system_id: bolshe
        password: ${SMSC_MAIN_PASSWORD}
        links:
          - host: smsc1.example
          - host: smsc2.example
            bind: pair

The keys are the parameters of a URL, plus what a URL has before its question mark. Decides which settings stand where:
what a link says wins over its SMSC, and that over the profile. A password is never in the file: only the name of the
variable that has it. Refuses to know what the settings mean: that is `settings`.
"""

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from gateway.datafile import marked, shape
from gateway.datafile.findings import FaultyFileError, Severity
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Marked, Value, dotted
from gateway.datafile.marked import Path as Keys
from gateway.datafile.reading import read_text
from gateway.smpp.pdu.messages import BindMode
from gateway.smpp.pdu.status import Verdict
from gateway.smpp.settings import BINDS_MAX, SMSC, SMSC_OR_NONE, LinkSettings, Written, links_of

SCHEMA_FILE = "docs/schema/smpp.schema.json"
SUFFIXES = (".yaml", ".yml")
LINKS_OF_ONE_MAX = 16

VARIABLE = r"^\$\{[A-Z][A-Z0-9_]*\}$"
PATTERNS = {
    SMSC: "a name of small Latin letters, digits, _ and -, such as main",
    SMSC_OR_NONE: "the name of another SMSC here",
    VARIABLE: "the name of a variable of the environment that holds it, such as ${SMSC_MAIN_PASSWORD}: a password is "
    "never written here",
}
"""What each pattern asks for, as findings say it."""
_BY_PLACE = frozenset({"number", "smsc"})
"""Of a link's settings, those that its place in the file says."""
_BIND = Literal["transceiver", "transmitter", "receiver", "pair"]


def _settings() -> dict[str, Any]:
    """What may be said of a link, from `LinkSettings`. Nothing has a default here: what is not said is left to it."""
    kinds = get_type_hints(LinkSettings, include_extras=True)
    kinds = {name: kind for name, kind in kinds.items() if name not in _BY_PLACE | {"verdicts"}}
    kinds |= {
        "password": Annotated[str, Field(pattern=VARIABLE)],
        "bind": _BIND,
        "binds": Annotated[int, Field(ge=1, le=BINDS_MAX)],
        "verdict": dict[str, Verdict],
    }
    return {name: (kind, None) for name, kind in sorted(kinds.items())}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Link: Any = create_model("Link", __base__=_Part, **_settings())
Smsc: Any = create_model("Smsc", __base__=Link, links=(Annotated[list[Link], Field(max_length=LINKS_OF_ONE_MAX)], []))
Name = Annotated[str, Field(pattern=SMSC)]
File = create_model("File", __base__=_Part, smscs=(Annotated[dict[Name, Smsc], Field(min_length=1)], ...))


def is_path(text: str) -> bool:
    """Whether `GATEWAY_SMPP` names a file, and is no URL."""
    return "://" not in text and text.strip().lower().endswith(SUFFIXES)


def read(file: str, environment: Mapping[str, str]) -> tuple[Written, ...]:
    """What a file says, link by link. Raises `FaultyFileError` with every fault of its shape, and `ConfigurationError`
    for the first setting that is wrong."""
    marks = _marks(file)
    return tuple(_written(marks, keys, said, environment) for keys, said in _links(marks))


def smscs(file: str) -> tuple[str, ...]:
    """The names of its SMSCs, in their order. Raises `FaultyFileError`."""
    return tuple(_mapping(_mapping(_marks(file).value)["smscs"]))


def schema_text() -> str:
    """The JSON Schema of a file of links, as `SCHEMA_FILE` holds it: with what each setting means, and its default."""
    schema = File.model_json_schema()
    said, defaults = _docstrings(), {each.name: each.default for each in fields(LinkSettings)}
    for kind in ("Link", "Smsc"):
        for name, found in schema["$defs"][kind]["properties"].items():
            found.pop("default", None)
            default = defaults.get(name)
            if isinstance(default, str | int | float | bool) and not isinstance(default, BindMode):
                found["default"] = default
            if name in said:
                found["description"] = said[name]
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _marks(file: str) -> Marked:
    """The file, its shape proven."""
    marks = marked.read(file, read_text(Path(file)))
    shape.validated(marks, File, "file of links", PATTERNS, _path)
    return marks


def _links(marks: Marked) -> Iterator[tuple[Keys, dict[str, Value]]]:
    """Each link's place in the file and what is said of it there and above. The shape is right."""
    smscs = _mapping(_mapping(marks.value)["smscs"])
    for name, said in smscs.items():
        above = {key: value for key, value in _mapping(said).items() if key != "links"} | {"smsc": name}
        links = _mapping(said).get("links")
        if not isinstance(links, list) or not links:
            yield ("smscs", name), above
            continue
        for place, link in enumerate(links):
            yield ("smscs", name, "links", place), above | _mapping(link)


def _written(marks: Marked, keys: Keys, said: dict[str, Value], environment: Mapping[str, str]) -> Written:
    for name in ("host", "system_id", "password"):
        if name not in said:
            advice = f"add it here, or above for all links of {said['smsc']}"
            raise FaultyFileError((marks.finding(keys, Kind.KEY_MISSING, f"{name} is missing", advice),))
    password = _password(marks, keys, str(said["password"]), environment)
    where = f"{marks.file}:{marks.line(keys)}: {Severity.ERROR}: {dotted(keys)}"
    links = links_of({**said, "password": password}, where)
    return Written(f"{marks.file}:{marks.line(keys)}", where, links, names_smsc=True)


def _password(marks: Marked, keys: Keys, written: str, environment: Mapping[str, str]) -> str:
    """What the variable holds whose name is written there."""
    variable = written.removeprefix("${").removesuffix("}")
    found = environment.get(variable)
    if not found:
        at = (*keys, "password") if (*keys, "password") in marks.lines else (*keys[:2], "password")
        advice = "put it into the environment, or .env"
        raise FaultyFileError((marks.finding(at, Kind.WRONG_VALUE, f"{variable} is not set", advice),))
    return found


def _path(loc: Keys) -> Keys:
    return tuple(part for part in loc if part != "[key]")


def _mapping(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict), "the shape was checked"
    return value


def _docstrings() -> dict[str, str]:
    """What stands below each setting in `LinkSettings`."""
    [made] = ast.parse(inspect.getsource(LinkSettings)).body
    assert isinstance(made, ast.ClassDef)
    said = {}
    for one, below in pairwise(made.body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(below, ast.Expr):
            said[one.target.id] = " ".join(ast.literal_eval(below.value).split())
    return said
