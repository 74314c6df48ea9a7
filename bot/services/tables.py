"""Tables to take away: values in rows, as a spreadsheet reads them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table in UTF-8. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(heads)
    for row in rows:
        table.writerow([_harmless(value) for value in row])
    return out.getvalue().encode()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
