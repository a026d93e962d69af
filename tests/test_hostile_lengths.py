"""Long hostile questions and texts: what reads them takes time in proportion to their length, not to its square."""

from __future__ import annotations

import time

import pytest

from assistant.comparison import sides
from assistant.conversation import understand
from assistant.library_questions import read_library_question
from assistant.narrowing import narrow
from assistant.orders import gives_orders
from assistant.questions import own_names, read_question
from assistant.recall import MARKERS
from assistant.restrictions import further_restrictions
from assistant.shown_papers import field_asked
from assistant.survey import is_denied, topic_of
from assistant.text import readable

SHORT, LONG = 5_000, 40_000  # characters: eight times as long; a quadratic pattern takes 64 times as long
_FLOOR = 0.002  # seconds of processor time, below which nothing can be compared


def nobody(_filters):
    return False


READERS = {
    "orders": gives_orders,
    "topic": topic_of,
    "denied": is_denied,
    "fields of papers": field_asked,
    "narrow": lambda text: narrow(text, nobody),
    "library question": lambda text: read_library_question(text, nobody),
    "further restrictions": lambda text: further_restrictions(text, nobody),
    "question": read_question,
    "own names": lambda text: own_names(text, text),
    "conversation": lambda text: understand(text, (("What is a bee?", text[:5000]),), lambda _: ()),
    "comparison": sides,
    "markers": lambda text: MARKERS.sub("", text),
    "readable": readable,
}
PIECES = [
    "#", "# ", " ", "\n", "\n.", "a", "A", "1", "-", "_", "?", "?! ", ", please", "a ", "A ", "a-", "X-", "[1] ", "[1,", "“", "(",
    "<im_start", "<", "say ", "your a ", "which ", "papers ", "which papers ", "by Ada ", "in A ", "and ", "how many a-",
    "what a b ", "one work ", "one of ", "with year, ", "published ", "that were ", "'s ", "between a and b ",
]  # fmt: skip


def seconds(read, text):
    """Return the least processor time of three readings."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        read(text)
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_length_and_not_with_its_square(reader):
    read = READERS[reader]
    for piece in PIECES:
        for end in ("", "!x"):
            short, long = ((piece * length)[:length] + end for length in (SHORT, LONG))
            most = 30 * max(seconds(read, short), _FLOOR)
            assert seconds(read, long) < most, repr(piece + end)
