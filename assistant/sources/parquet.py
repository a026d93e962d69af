"""Parquet files (https://parquet.apache.org/docs/file-format/), as data sets at Hugging Face are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.papers import Paper
from assistant.sources.csv import NO_COLUMNS
from assistant.sources.fields import field_of, is_header
from assistant.sources.tables import papers_of_rows

NAME = "parquet"
SUFFIXES = (".parquet",)
BINARY = True
COLUMNS = True

_ROWS = 1000  # rows that are held as Python values at a time
_INSTALL = 'Parquet files need pyarrow; install it with: pip install "paper-assistant[parquet]"'
_FIELDS = frozenset({"title", "abstract", "summary", "authors", "year", "venue", "url", "doi", "kind", "metadata"})


def matches(data: bytes, columns: Mapping[str, str] = NO_COLUMNS) -> bool:
    """Say whether the bytes begin as Parquet does."""
    return data.startswith(b"PAR1")


def read(data: bytes, columns: Mapping[str, str] = NO_COLUMNS) -> Iterator[tuple[int, Paper | str]]:
    """Yield the number of each row, from 1, and its paper, or why there is none."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        yield 0, _INSTALL
        return
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        names = file.schema_arrow.names
        if not is_header(names, columns):
            yield 0, f"no columns title and abstract among {', '.join(names[:20])}; say which they are with: --map"
            return
        wanted = [name for name in names if field_of(name, columns) in _FIELDS]
        yield from papers_of_rows(enumerate(_rows(file, wanted), start=1), columns)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        yield 0, f"the Parquet file is damaged ({error}); get it again"


def _rows(file: Any, names: list[str]) -> Iterator[dict[str, Any]]:
    for batch in file.iter_batches(batch_size=_ROWS, columns=names):
        yield from batch.to_pylist()
