"""From the text of a menu file to a menu that serves, or to every reason why it cannot."""

from collections.abc import Mapping

from gateway.datafile.findings import FaultyFileError
from gateway.datafile.languages import ALONE
from gateway.menu import document
from gateway.menu.build import build
from gateway.menu.lint import errors
from gateway.menu.model import Menu
from gateway.outcome import ActionSpec
from gateway.templates import Vocabulary


def load(
    file: str,
    text: str,
    specs: Mapping[str, ActionSpec],
    vocabulary: Vocabulary,
    beside: Mapping[str, str] = ALONE,
) -> Menu:
    """The menu in `text`, `beside` the other files of its pack; `file` is how faults call it. Raises `FaultyFileError`
    with file, line and key of each.

    Lengths are not looked at: a long text is divided into pages, never cut. `lint` says where that happens.
    """
    read = document.read(file, text, beside)
    faults = errors(read, specs, vocabulary)
    if faults:
        raise FaultyFileError(faults)
    return build(read, specs, vocabulary)
