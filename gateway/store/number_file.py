"""A file of subscribers' numbers, as the operator's systems hand one in. Says what is wrong by line, and no number."""

import csv
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import BadNumberError, ConfigurationError
from gateway.loyalty.codes import BATCH_MAX
from gateway.msisdn import Msisdn, canonical

NUMBERS_MAX = BATCH_MAX
"""Each may have a gift code of one batch; the file is read whole before anything is done."""
NAMED_MAX = 5  # faulty lines that one message names


def read_numbers(path: Path, region: str) -> Sequence[Msisdn]:
    """The numbers in the first column of a CSV file, with or without a heading `msisdn`.

    Raises `ConfigurationError` that names the lines which are no number, or a number that came before, and no number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            cells = [
                (row[0].strip(), place) for place, row in enumerate(csv.reader(lines), 1) if row and row[0].strip()
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path} cannot be read as CSV in UTF-8: {type(error).__name__}") from None
    if cells and cells[0][0].lower() == "msisdn":
        cells = cells[1:]
    numbers: dict[Msisdn, int] = {}
    faults = []
    for cell, line in cells:
        try:
            msisdn = canonical(cell, region)
        except BadNumberError:
            faults.append(f"line {line} is no number")
            continue
        if msisdn in numbers:
            faults.append(f"line {line} is the number of line {numbers[msisdn]}")
        numbers.setdefault(msisdn, line)
    if faults:
        more = f" and {len(faults) - NAMED_MAX} more" if len(faults) > NAMED_MAX else ""
        raise ConfigurationError(f"{path}: {'; '.join(faults[:NAMED_MAX])}{more}: correct the file")
    if not 0 < len(numbers) <= NUMBERS_MAX:
        raise ConfigurationError(f"{path} has {len(numbers)} numbers: a file has from 1 to {NUMBERS_MAX}")
    return tuple(numbers)
