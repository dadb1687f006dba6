"""From a pack's keyword file and texts to what answers by SMS, or to every reason why it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.datafile.findings import FaultyFileError
from gateway.outcome import ActionSpec
from gateway.sms import route_table
from gateway.sms.keywords import Matcher
from gateway.sms.lint import errors
from gateway.sms.route_table import RouteTable
from gateway.sms.texts import Texts, text_files
from gateway.templates import Vocabulary


@dataclass(frozen=True, slots=True)
class SmsPack:
    """What a pack says by SMS: its rows, how texts find them, and how they are answered."""

    table: RouteTable
    matcher: Matcher
    texts: Texts


def load(file: str, files: Mapping[str, str], specs: Mapping[str, ActionSpec], vocabulary: Vocabulary) -> SmsPack:
    """The SMS side of a pack's `files`, of which `file` holds the keywords. Raises `FaultyFileError` with each fault.

    Lengths are not looked at: a long text is divided into parts, never cut. `lint` says what each costs.
    """
    document = route_table.read(file, files[file], files)
    texts = text_files(files)
    faults = errors(document, texts, specs, vocabulary)
    if faults:
        raise FaultyFileError(faults)
    table = route_table.table(document.source)
    return SmsPack(table, Matcher(table), Texts(texts, vocabulary))
