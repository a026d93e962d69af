"""``python -m vectorstore.child FOLDER``: fill Chroma's graph and check the index, for `graph.GraphProcess`.

Each line of the input is a step, {"kept", "removed", "thorough"} to fill the graph and {} to check the index, and is
answered with a line. It ends with the input, and soon after the process that asks.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from vectorstore.errors import IndexWriteError, StoreError
from vectorstore.graph import DONE, WRITE_FAILED
from vectorstore.index import fill_graph, verify


def main(folder: Path) -> None:
    """Take one step after the other."""
    parent = os.getppid()

    def look() -> None:
        if os.getppid() != parent:
            sys.exit("nobody waits for the index any more")

    for line in sys.stdin:
        step = json.loads(line)
        if step:
            fill_graph(folder, step["kept"], step["removed"], thorough=step["thorough"], look=look)
        else:
            verify(folder)
        sys.stdout.write(DONE)
        sys.stdout.flush()


def _ended(reason: str, status: int) -> None:
    sys.stderr.write(f"{reason}\n")
    sys.exit(status)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except IndexWriteError as error:
        _ended(str(error), WRITE_FAILED)
    except OSError as error:
        _ended(f"{error.filename}: {error.strerror}" if error.filename else str(error), WRITE_FAILED)
    except StoreError as error:
        _ended(str(error), 1)
