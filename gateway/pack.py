"""From a pack's files to a programme and a menu that serve, or to every reason why they cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.actions import verbs
from gateway.loyalty import programme_file
from gateway.loyalty.programme import Programme
from gateway.menu import load as menus
from gateway.menu.model import Menu
from gateway.outcome import ActionSpec
from gateway.packs import digest_of
from gateway.templates import Vocabulary

PROGRAMME = "programme.yaml"
USSD = "ussd.yaml"


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a pack, compiled. `files` are its texts by name; the menu's digest names the version."""

    files: Mapping[str, str]
    programme: Programme
    menu: Menu


def compile_pack(files: Mapping[str, str]) -> Pack:
    """Compile a pack. Raises `ConfigurationError` with file, line and key of each fault."""
    programme = programme_file.load(PROGRAMME, files[PROGRAMME])
    menu = menus.load(USSD, files[USSD], action_specs(programme), vocabulary(programme))
    return Pack(files, programme, replace(menu, digest=digest_of(files)))


def action_specs(programme: Programme) -> Mapping[str, ActionSpec]:
    """What each verb answers in this programme."""
    return {name: verb.declare(programme) for name, verb in verbs().items()}


def vocabulary(programme: Programme) -> Vocabulary:
    """The programme's words, as texts use them."""
    units = {code: unit.names for code, unit in programme.units.items()}
    return Vocabulary(programme.languages, units, programme.labels, programme.other_label)
