"""Where a pack's files are: a shipped pack by its name, or an operator's own by its folder.

A shipped pack is both folders of its name, `menus/<pack>` and `sms_templates/<pack>`; in the wheel they stand
under `gateway/packs_data`, in a checkout at the top. An operator's folder holds `programme.yaml`, `ussd.yaml`,
and, for SMS, `sms.yaml` and `texts/<language>/`. Beside each file there may be its words of further languages,
as `ussd.kk.yaml`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.datafile.languages import language_of
from gateway.datafile.reading import read_text
from gateway.errors import ConfigurationError

PACKAGE = Path(__file__).resolve().parent
TEXTS = "texts"

Mark = tuple[tuple[str, tuple[int, int, int] | None], ...]
"""By path: the inode, size and time of change; None for a file that is not there."""


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of one pack. `published` records what each published dial string means. A pack without `sms`, which
    holds the keywords, answers by USSD only; `texts` are its texts of SMS; `languages` add a language each; `strays`
    lie among them, and nothing reads them."""

    name: str
    programme: Path
    ussd: Path
    published: Path
    sms: Path
    texts: tuple[Path, ...]
    languages: tuple[Path, ...] = ()
    strays: tuple[Path, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """What a pack's files are called."""
        return tuple(path.name for path in (self.programme, self.ussd, self.published, self.sms))

    def read(self) -> dict[str, str]:
        """The text of each file that the pack's behaviour depends on, by its place in an operator's own folder. Raises
        `FaultyFileError`."""
        places = {self.programme.name: self.programme, self.ussd.name: self.ussd}
        places |= {path.name: path for path in self.languages}
        if self.sms.exists():
            places[self.sms.name] = self.sms
            places |= {f"{TEXTS}/{path.parent.name}/{path.name}": path for path in self.texts}
        return {place: read_text(path) for place, path in places.items()}

    def mark(self) -> Mark:
        """How the files lie there now, without reading them: equal marks are equal files, as far as the file system
        tells."""
        paths = (self.programme, self.ussd, self.published, self.sms, *self.texts, *self.languages)
        return tuple((str(path), _state(path)) for path in paths)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def locate(name_or_path: str) -> PackFiles:
    """The files of a pack. Raises `ConfigurationError` that lists the shipped packs."""
    try:
        is_path = "/" in name_or_path or Path(name_or_path).is_dir()
        folder = Path(name_or_path) if is_path else menus_folder() / name_or_path
        texts = folder / TEXTS if is_path else sms_templates_folder() / name_or_path
        written = [path for pattern in ("*.yaml", "*.yml") for path in sorted(folder.glob(pattern))]
        files = PackFiles(
            name=folder.name,
            programme=folder / "programme.yaml",
            ussd=folder / "ussd.yaml",
            published=folder / "published.yaml",
            sms=folder / "sms.yaml",
            texts=tuple(sorted(texts.glob("*/*.j2"))),
            languages=tuple(path for path in written if language_of(path.name)),
        )
        strays = tuple(path for path in written if path.name not in files.named and path not in files.languages)
        missing = [path.name for path in (files.programme, files.ussd) if not path.is_file()]
    except OSError as error:
        raise ConfigurationError(f"pack {name_or_path!r} cannot be looked at: {error.strerror}") from None
    if missing:
        raise ConfigurationError(
            f"pack {name_or_path!r}: no {' and no '.join(missing)} in {folder}; GATEWAY_PACK takes the path of "
            f"a pack's folder or one of the shipped packs: {', '.join(shipped())}"
        )
    return replace(files, strays=strays)


def shipped() -> tuple[str, ...]:
    """The names of the packs that ship with the product."""
    return tuple(sorted(folder.name for folder in menus_folder().iterdir() if (folder / "programme.yaml").is_file()))


def menus_folder() -> Path:
    """The folder of the shipped packs' menus."""
    return _shipped_folder("menus")


def sms_templates_folder() -> Path:
    """The folder of the shipped packs' texts of SMS."""
    return _shipped_folder("sms_templates")


def _shipped_folder(name: str) -> Path:
    """The wheel's folder, or the checkout's."""
    packed = PACKAGE / "packs_data" / name
    return packed if packed.is_dir() else PACKAGE.parent / name


def digest_of(files: Mapping[str, str]) -> str:
    """The name of this exact version of a pack: postings, sessions and messages refer to it."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()[:16]
