"""``python -m vectorstore.verify FOLDER``: check an index in a process that may crash without harm."""

from __future__ import annotations

import sys
from pathlib import Path

from vectorstore.errors import StoreError
from vectorstore.index import verify

if __name__ == "__main__":
    try:
        verify(Path(sys.argv[1]))
    except StoreError as error:
        sys.exit(str(error))
