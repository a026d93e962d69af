"""Excel workbooks (ECMA-376): every sheet that has a header with a title and an abstract in its first rows."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from assistant.papers import Paper
from assistant.sources.csv import NO_COLUMNS
from assistant.sources.fields import is_header
from assistant.sources.tables import papers_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "xlsx"
SUFFIXES = (".xlsx", ".xlsm")
BINARY = True
COLUMNS = True

_MAX_BYTES = 1 << 29  # unpacked: openpyxl reads row by row, but the table of strings at once
_MAX_RATIO = 500  # empty cells pack well
_HEADER_ROWS = 20


def matches(data: bytes, columns: Mapping[str, str] = NO_COLUMNS) -> bool:
    """Say whether the bytes are a zip archive with the parts of a workbook."""
    return data.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in data[: 1 << 16] and b"xl/" in data


def read(data: bytes, columns: Mapping[str, str] = NO_COLUMNS) -> Iterator[tuple[int, Paper | str]]:
    """Yield the number of each row and its paper, or why there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        yield 0, f"the workbook is damaged ({error}); save it again"
        return
    if unpacked > _MAX_BYTES or unpacked > max(_MAX_RATIO * len(data), 1 << 24):
        yield 0, "the workbook unpacks to far more than a list of papers has; save it as CSV"
        return
    yield from _sheets(data, columns)


def _sheets(data: bytes, columns: Mapping[str, str]) -> Iterator[tuple[int, Paper | str]]:
    import openpyxl

    found = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles that it leaves out
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                header = _header(sheet.iter_rows(values_only=True), columns)
                if header is not None:
                    found = True
                    first, names = header
                    rows = enumerate(sheet.iter_rows(min_row=first + 1, values_only=True), start=first + 1)
                    yield from papers_of_rows(((n, dict(zip(names, row, strict=False))) for n, row in rows), columns)
    except Exception as error:  # noqa: BLE001 -- openpyxl fails on damaged parts with errors of every kind
        yield 0, f"the workbook is damaged ({type(error).__name__}: {error}); save it again"
        return
    if not found:
        yield 1, "no sheet has a header that names the columns title and abstract; say which they are with: --map"


def _header(rows: Iterable[tuple[Any, ...]], columns: Mapping[str, str]) -> tuple[int, list[str]] | None:
    for number, row in enumerate(islice(rows, _HEADER_ROWS), start=1):
        names = [str(cell) if cell is not None else "" for cell in row]
        if is_header(names, columns):
            return number, names
    return None
