"""How many threads decode: two where both have a core, one where another process keeps one of them."""

from __future__ import annotations

from assistant.models.pace import Pace

FAST, ALONE, KEPT_WAITING = 0.008, 0.013, 0.3


def decode(pace, tokens, *, busy):
    """Return the seconds that some tokens take and how many of them one thread decodes."""
    spent, alone = 0.0, 0
    for _ in range(tokens):
        seconds = ALONE if pace.threads == 1 else (KEPT_WAITING if busy else FAST)
        alone += pace.threads == 1
        pace.took(seconds)
        spent += seconds
    return spent, alone


def test_all_threads_decode_where_nobody_keeps_them_waiting():
    assert decode(Pace(2, ALONE), 100, busy=False)[1] == 0


def test_one_thread_decodes_where_another_process_keeps_a_core():
    spent, alone = decode(Pace(2, ALONE), 100, busy=True)
    assert alone >= 93
    assert spent < 2.5 * 100 * FAST + 8 * KEPT_WAITING


def test_one_token_that_took_long_by_chance_changes_nothing():
    pace = Pace(2, ALONE)
    for seconds in (FAST, KEPT_WAITING, FAST, FAST, KEPT_WAITING, FAST):
        pace.took(seconds)
        assert pace.threads == 2


def test_the_others_are_tried_again_ever_more_rarely_and_come_back():
    pace = Pace(2, ALONE)
    decode(pace, 1000, busy=True)
    _, alone = decode(pace, 1000, busy=True)
    assert 0 < 1000 - alone <= 10
    decode(pace, 300, busy=False)  # at the latest then they have been tried
    assert decode(pace, 100, busy=False)[1] == 0


def test_before_one_thread_was_measured_all_decode():
    assert decode(Pace(2), 100, busy=True)[1] == 0


def test_a_single_thread_stays_single():
    assert decode(Pace(1, ALONE), 40, busy=True)[1] == 40
