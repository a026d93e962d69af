"""``python benchmarks/fuzz.py [COUNT] [SEED]``: every reader over mangled samples; nothing may crash or hang (5 s of the processor).

Each input is a sample of ``tests/formats`` that is cut, repeated, mixed with another one or strewn with bytes, read as
what its content tells and every fourth time as a format picked at random. Prints how many gave papers or refusals, the
slowest, and each failure with what makes it again; ends with 1 if there was one.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from assistant.papers import Paper
from assistant.sources import Skipped, read_sources, readers

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "formats"
SLOW_SECONDS = 5.0
_ODD = (
    b"\x00",
    b"\xff\xfe",
    b"\n\n",
    b'"',
    b"{",
    b"}",
    b"<![CDATA[",
    b"&",
    b"[" * 500,
    b"\\",
    b"@",
    b"  - ",
    b"$",
    b"]]>",
)


def mangled(chance: random.Random, samples: list[bytes]) -> bytes:
    """Return bytes that are like a file of some format, but broken."""
    data = chance.choice(samples)
    for _ in range(chance.randrange(1, 6)):
        start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        other = chance.choice(samples)
        part = chance.choice(
            (
                b"",
                data[start:end] * chance.randrange(1, 4),
                chance.choice(_ODD) * chance.randrange(1, 20),
                chance.randbytes(chance.randrange(1, 30)),
                other[: chance.randrange(len(other))],
            )
        )
        data = data[:start] + part + data[min(end, start + chance.randrange(100)) :]
    return data[: 1 << 16]


def _checked(item: Paper | Skipped) -> str:
    if isinstance(item, Skipped) and not (item.reason and item.source):
        raise AssertionError(f"a refusal without a place or a reason: {item}")
    return "refusals" if isinstance(item, Skipped) else "papers"


def main(count: int, seed: int) -> int:
    """Read ``count`` inputs and return the exit code."""
    samples = [path.read_bytes() for path in sorted(SAMPLES.iterdir())]
    names = list(readers())
    found: Counter[str] = Counter()
    failures, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed"
        for number in range(count):
            chance = random.Random(f"{seed}/{number}")
            path.write_bytes(mangled(chance, samples))
            format_name = chance.choice(names) if number % 4 == 0 else None
            started = time.process_time()
            try:
                for item in read_sources([path], format_name):
                    found[_checked(item)] += 1
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is what this looks for
                failures += 1
                print(
                    f"input {number} of seed {seed}, format {format_name}: {type(error).__name__}: {error}"[:300],
                    flush=True,
                )
            seconds = time.process_time() - started
            slowest = max(slowest, seconds)
            if seconds > SLOW_SECONDS:
                failures += 1
                print(f"input {number} of seed {seed}, format {format_name}: took {seconds:.1f} s", flush=True)
    print(f"{count} inputs: {dict(found)}, {failures} failures, the slowest took {slowest:.2f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*[*numbers, *(100_000, 0)[len(numbers) :]]))
