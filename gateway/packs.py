"""Where a pack's files are: a shipped pack by its name, or an operator's own by its folder.

A shipped pack is both folders of its name, `menus/<pack>` and `sms_templates/<pack>`; in the wheel they stand
under `gateway/packs_data`, in a checkout at the top. An operator's folder holds `programme.yaml`, `ussd.yaml`,
and `texts/<language>/`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.datafile.findings import FaultyFileError, Finding
from gateway.errors import ConfigurationError

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of one pack. `published` records what each published dial string means."""

    name: str
    programme: Path
    ussd: Path
    published: Path

    def read(self) -> dict[str, str]:
        """The text of each file that the pack's behaviour depends on, by name. Raises `FaultyFileError`."""
        return {path.name: read_text(path) for path in (self.programme, self.ussd)}


def read_text(path: Path) -> str:
    """A file that a person wrote. Raises `FaultyFileError` when it cannot be read, or not as UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        fault = Finding(str(path), 1, "", f"cannot be read ({error.strerror}): check that it is a file, and its rights")
        raise FaultyFileError((fault,)) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FaultyFileError((Finding(str(path), line, "", "not UTF-8: save the file as UTF-8"),)) from None


def locate(name_or_path: str) -> PackFiles:
    """The files of a pack. Raises `ConfigurationError` that lists the shipped packs."""
    try:
        is_path = "/" in name_or_path or Path(name_or_path).is_dir()
        folder = Path(name_or_path) if is_path else menus_folder() / name_or_path
        files = PackFiles(folder.name, folder / "programme.yaml", folder / "ussd.yaml", folder / "published.yaml")
        missing = [path.name for path in (files.programme, files.ussd) if not path.is_file()]
    except OSError as error:
        raise ConfigurationError(f"pack {name_or_path!r} cannot be looked at: {error.strerror}") from None
    if missing:
        raise ConfigurationError(
            f"pack {name_or_path!r}: no {' and no '.join(missing)} in {folder}; GATEWAY_PACK takes the path of "
            f"a pack's folder or one of the shipped packs: {', '.join(shipped())}"
        )
    return files


def shipped() -> tuple[str, ...]:
    """The names of the packs that ship with the product."""
    return tuple(sorted(folder.name for folder in menus_folder().iterdir() if (folder / "programme.yaml").is_file()))


def menus_folder() -> Path:
    """The folder of the shipped packs' menus: the wheel's, or the checkout's."""
    packed = PACKAGE / "packs_data" / "menus"
    return packed if packed.is_dir() else PACKAGE.parent / "menus"


def digest_of(files: Mapping[str, str]) -> str:
    """The name of this exact version of a pack: postings, sessions and messages refer to it."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()[:16]
