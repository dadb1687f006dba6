"""From a pack's files to a programme, a menu and keywords that serve, or to every reason why they cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.actions import verbs
from gateway.loyalty import programme_file
from gateway.loyalty.programme import Programme
from gateway.menu import load as menus
from gateway.menu.model import Menu
from gateway.outcome import ActionSpec
from gateway.packs import digest_of
from gateway.sms import load as sms_files
from gateway.sms.load import SmsPack
from gateway.templates import Vocabulary

PROGRAMME = "programme.yaml"
USSD = "ussd.yaml"
SMS = "sms.yaml"


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a pack, compiled. `files` are its texts by name; the menu's digest names the version.

    `sms` is None in a pack without keywords: it answers by USSD only.
    """

    files: Mapping[str, str]
    programme: Programme
    menu: Menu
    sms: SmsPack | None


def compile_pack(files: Mapping[str, str]) -> Pack:
    """Compile a pack. Raises `ConfigurationError` with file, line and key of each fault."""
    programme = programme_file.load(PROGRAMME, files[PROGRAMME], files)
    specs, words = action_specs(programme), vocabulary(programme)
    menu = menus.load(USSD, files[USSD], specs, words, files)
    sms = sms_files.load(SMS, files, specs, words) if SMS in files else None
    return Pack(files, programme, replace(menu, digest=digest_of(files)), sms)


def action_specs(programme: Programme) -> Mapping[str, ActionSpec]:
    """What each verb answers in this programme."""
    return {name: verb.declare(programme) for name, verb in verbs().items()}


def vocabulary(programme: Programme) -> Vocabulary:
    """The programme's words, as texts and conditions use them."""
    units = {code: unit.names for code, unit in programme.units.items()}
    return Vocabulary(
        programme.languages, units, programme.labels, programme.other_label, programme.segments, programme.tiers
    )
