"""The file that a batch of gift codes is handed over in: the only place where they are ever written in clear.

It has its name only when its codes work. Until then it is `<name>.partial`: one that is left over from a crash is no
harm unless its batch became active in its last moment, so it is kept when that cannot be known.
"""

import csv
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from types import TracebackType

from gateway.errors import BadRequestError, ConfigurationError
from gateway.loyalty.codes import Serial

COLUMNS = ("serial", "gift_code", "msisdn", "valid_until")


class CodeFile:
    """Written in order: `write` as often as need be, `finish`, and once the codes work `publish`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.partial")
        self._finished = False

    def __enter__(self) -> "CodeFile":
        """Begin the file; nobody but its owner may read it. Raises `ConfigurationError` where that cannot be."""
        if self.path.exists():
            raise ConfigurationError(
                f"{self.path} is there already, perhaps with codes that are used nowhere else: move it"
            )
        try:
            descriptor = os.open(self.partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise ConfigurationError(self._broken_off()) from None
        except OSError as error:
            raise ConfigurationError(f"{self.partial} cannot be written: {error.strerror}") from None
        self._file = os.fdopen(descriptor, "w", encoding="ascii", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not finished is removed: none of its codes works."""
        self._file.close()
        if not self._finished:
            self.partial.unlink(missing_ok=True)

    def write(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """Some codes, in the order of `COLUMNS`."""
        self._rows.writerows(rows)

    def finish(self) -> None:
        """All codes are on the disk, whatever happens to the machine: from here on the file is kept."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._sync_folder()
        self._finished = True

    def discard(self) -> None:
        """It is known that none of its codes will ever work."""
        self._finished = False

    def publish(self) -> None:
        """Its codes work: give it its name."""
        if self.path.exists():
            raise ConfigurationError(
                f"the codes are issued, in {self.partial}: somebody else made {self.path} meanwhile"
            )
        self.partial.rename(self.path)
        self._sync_folder()

    def _broken_off(self) -> str:
        """What to do about a partial file that is there. Only in a file that was finished do all codes stand."""
        batch = self._batch_of_partial()
        if batch is None:
            which = "It has no codes: make the batches void that `gateway codes list` has as issuing"
        else:
            which = (
                f"If `gateway codes list` has batch {batch} as active, rename it to {self.path.name}; else make that "
                f"batch void (`gateway codes void --batch {batch}`)"
            )
        return f"{self.partial} is there: another command writes it, or one broke off. {which} and remove the file"

    def _batch_of_partial(self) -> int | None:
        """Of the first code in the partial file; None where there is none."""
        try:
            with self.partial.open(encoding="ascii") as lines:
                serial = [*islice(lines, 2)][1].partition(",")[0]
            return Serial.parse(serial).batch_id
        except (OSError, UnicodeDecodeError, IndexError, BadRequestError):
            return None

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
