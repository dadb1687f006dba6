"""From a pack's files to the picture of its menu, measured where it can be.

Joins what no lower module may join: the menu's file, the actions' declarations, the dialects' profiles.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from gateway.datafile.findings import FaultyFileError
from gateway.datafile.reading import read_text
from gateway.errors import ConfigurationError
from gateway.loyalty import programme_file
from gateway.menu import document
from gateway.menu.checks import fit
from gateway.menu.checks.dial import read_published
from gateway.menu.document import Document
from gateway.menu.lint import errors
from gateway.menu.picture.counted import counts
from gateway.menu.picture.layout import lay_out
from gateway.menu.picture.make import Known, picture
from gateway.menu.picture.mermaid import mermaid
from gateway.menu.picture.model import Picture
from gateway.menu.picture.page import page
from gateway.menu.picture.svg import svg
from gateway.pack import PROGRAMME, USSD, action_specs, vocabulary
from gateway.packs import PackFiles, digest_of
from gateway.ussd.dialects import profiles


class Format(StrEnum):
    """How a menu is drawn."""

    MERMAID = "mermaid"
    SVG = "svg"
    HTML = "html"


def drawn(picture: Picture, form: Format, language: str | None = None) -> str:
    """The picture in a language of the menu, or in its default. Raises `ConfigurationError` for any other."""
    wanted = picture.languages[0] if language is None else language
    if wanted not in picture.languages:
        spoken = ", ".join(picture.languages)
        raise ConfigurationError(f"the menu {picture.title} has no language {wanted!r}: choose one of {spoken}")
    match form:
        case Format.MERMAID:
            return mermaid(picture, wanted)
        case Format.SVG:
            return svg(lay_out(picture, wanted)) + "\n"
        case Format.HTML:
            return page(lay_out(picture, wanted)) + "\n"


def counted(picture: Picture, file: Path, *, marks_missed: bool) -> Picture:
    """The picture with what a file has counted: marked where nobody came, or with how many went where. Raises
    `ConfigurationError`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from None
    return replace(picture, counts=counts(str(file), text, marks_missed=marks_missed))


class Drawings:
    """The menu of a pack as SVG, of the version whose texts are given: each drawing is made when it is first wanted."""

    def __init__(self, files: PackFiles, texts: Mapping[str, str]) -> None:
        self._files = files
        self.adopt(texts)

    def adopt(self, texts: Mapping[str, str]) -> None:
        """Draw another version from now on."""
        self._texts = texts
        self._made: Picture | None = None
        self._drawn: dict[str, str] = {}

    @property
    def _picture(self) -> Picture:
        if self._made is None:
            self._made = picture_of(self._files.name, self._texts, printed(self._files))
        return self._made

    def svg(self, language: str) -> str:
        """The drawing in a language, or in the default one where the menu does not speak it."""
        wanted = language if language in self._picture.languages else self._picture.languages[0]
        if wanted not in self._drawn:
            self._drawn[wanted] = drawn(self._picture, Format.SVG, wanted)
        return self._drawn[wanted]


def printed(files: PackFiles) -> Collection[str]:
    """The dial strings that the pack has published. Raises `FaultyFileError`."""
    path = files.published
    return read_published(str(path), read_text(path)) if path.exists() else ()


def picture_of(name: str, files: Mapping[str, str], printed: Collection[str] = ()) -> Picture:
    """The picture of a pack's menu; `printed` are its published dial strings. Raises `FaultyFileError` for a menu that
    cannot be read. One with other faults is drawn without gauges."""
    read = document.read(USSD, files[USSD], files)
    try:
        return picture(read, _known(name, read, files, printed))
    except FaultyFileError:  # the programme's: `gateway check` tells
        return picture(read, Known(name, digest_of(files), printed=printed))


def _known(name: str, read: Document, files: Mapping[str, str], printed: Collection[str]) -> Known:
    programme = programme_file.load(PROGRAMME, files[PROGRAMME], files)
    specs, words = action_specs(programme), vocabulary(programme)
    worst = {} if errors(read, specs, words) else fit.worst(read, specs, words, profiles())
    moving = [spec.name for spec in specs.values() if spec.moves_points]
    return Known(name, digest_of(files), worst, moving, printed)
