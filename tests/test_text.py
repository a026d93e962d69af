"""What is kept of strings from files and people."""

from __future__ import annotations

import pytest

from assistant.text import clean, fold, one_line, readable, shorten


@pytest.mark.parametrize(
    "hidden",
    ["\x00", "\x07", "\x7f", "\x81", "\xad", "\u200b", "\u200e", "\u202e", "\u2066", "\ufeff", "\ud800", "\U000e0041"],
    ids=ascii,
)
def test_characters_that_nobody_sees_are_removed(hidden):
    assert clean(f"dense{hidden} retrieval") == "dense retrieval"


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\u2028", "\u2029"], ids=ascii)
def test_rare_line_breaks_part_words_and_do_not_glue_them(odd):
    assert clean(f"dense{odd}retrieval") == "dense retrieval"


def test_tabs_and_line_ends_stay_as_they_are():
    assert clean("a\tb\nc\r\nd") == "a\tb\nc\r\nd"


def test_a_letter_and_its_accent_become_one_character():
    assert clean("Cote\u0301") == "Coté"


def test_joiners_that_scripts_and_emoji_need_are_kept():
    assert clean("می\u200cخواهم 👩\u200d🔬") == "می\u200cخواهم 👩\u200d🔬"


def test_one_line_makes_every_run_of_white_space_one_space():
    assert one_line("  Late \n\n interaction\u00a0\tover  tokens ") == "Late interaction over tokens"


def test_folding_forgets_case_accents_dashes_quotes_and_ligatures():
    assert fold("  ÉMILE’s  “ﬁne”—Straße ") == 'emile\'s "fine"-strasse'


def test_shortening_cuts_between_words_and_shows_the_cut():
    assert shorten("dense retrieval beats BM25", 18) == "dense retrieval…"
    assert shorten("dense retrieval", 15) == "dense retrieval"


def test_a_shown_quote_has_no_escapes_of_latex():
    assert readable("up to 95\\% on\nA\\&B") == "up to 95% on A&B"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("d\x92une \x93approche\x94 \x96 \x9cuvre\x85", "d’une “approche” – œuvre…"),  # Windows-1252 read as Latin-1
        ("the user\xe2\x80\x99s \xe2\x80\x94 na\xc3\x83ve", "the user’s — naÃve"),  # UTF-8 read as Latin-1
        ("caf\xe9 \xa7 5, se\xf1or \xc3\xa9", "café § 5, señor Ã©"),  # letters that may be meant stay
        ("e\ufb03cient \ufb01nding of \ufb02oods", "efficient finding of floods"),
    ],
)
def test_characters_of_a_wrong_encoding_and_ligatures_are_mended(wrong, right):
    assert clean(wrong) == right
