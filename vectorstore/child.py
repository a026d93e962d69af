"""``python -m vectorstore.child FOLDER PARENT``: fill Chroma's graphs and check the index, for `graph.GraphProcess`.

Each line of the input is a step, {"after", "first", "chunks", "removed"} to fill the graphs and {} to check the index,
and is answered with a line. It ends with the input, and soon after the process that asks, whose number is given.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from vectorstore.errors import IndexWriteError, StoreError
from vectorstore.graph import WRITE_FAILED
from vectorstore.index import fill_graphs, verify


def main(folder: Path, parent: int) -> None:
    """Take one step after the other."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries say is no answer

    def look() -> None:
        if os.getppid() != parent:
            sys.exit("nobody waits for the index any more")

    for line in sys.stdin:
        step = json.loads(line)
        if step:
            fill_graphs(folder, step["after"], step["first"], step["chunks"], dict(step["removed"]), look)
        else:
            verify(folder)
        answers.write("done\n")
        answers.flush()


def run(folder: Path, parent: int) -> None:
    """Take steps until there are no more, or one fails; the exit status says how."""
    try:
        main(folder, parent)
    except IndexWriteError as error:
        _ended(str(error), WRITE_FAILED)
    except OSError as error:
        _ended(f"{error.filename}: {error.strerror}" if error.filename else str(error), WRITE_FAILED)
    except StoreError as error:
        _ended(str(error), 1)


def _ended(reason: str, status: int) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{reason}\n")
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]))
