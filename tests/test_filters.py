"""Filters as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import QuestionError
from assistant.filters import Filters, described, filters_from

RECENT, SMITH, JONES = Filters(years=(2020, None)), Filters(authors=("Smith",)), Filters(authors=("Jones",))


def test_two_filters_let_through_what_both_do():
    assert Filters(years=(2020, None), authors=("Smith",)) == RECENT & SMITH
    assert RECENT & Filters(years=(2019, 2021)) == Filters(years=(2020, 2021))
    assert Filters(authors=("Smith",), also=(JONES,)) == SMITH & JONES
    assert SMITH & SMITH == SMITH & Filters() == Filters() & SMITH == SMITH
    assert described(RECENT & SMITH & JONES) == "by Smith, from 2020 or later, by Jones"


def test_a_kind_that_is_named_again_takes_the_place_of_the_old_one():
    assert (RECENT & SMITH).replaced_by(JONES) == RECENT & JONES
    assert (SMITH & JONES).replaced_by(RECENT) == RECENT & SMITH & JONES
    assert (SMITH & JONES).replaced_by(SMITH) == SMITH


def test_the_papers_that_pass_both_are_those_that_pass_each(open_assistant, home_of_papers):
    library = open_assistant(home_of_papers).library
    for one in (RECENT, Filters(years=(None, 2005)), Filters(authors=("Author1",)), Filters(venues=("EMNLP",))):
        for other in (Filters(authors=("Author2",)), Filters(authors=("Côté",)), Filters(venues=("Trees",)), one):
            assert library.ids(one & other) == library.ids(one) & library.ids(other)


years = st.integers(1000, 9999)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2021", (2021, 2021)),
        ("2019..2023", (2019, 2023)),
        ("2019..2019", (2019, 2019)),
        ("2019..", (2019, None)),
        ("..2023", (None, 2023)),
        (" 2019..2023 ", (2019, 2023)),
        (None, (None, None)),
    ],
)
def test_years_are_read_in_every_form(written, meant):
    assert filters_from(written).years == meant


@pytest.mark.parametrize(
    "nonsense",
    ["", " ", "..", "recent", "2019-2023", "2019...2023", "19..23", "20192023", "2019 .. 2023", "2019..now", "٢٠١٩"],
)
def test_years_that_cannot_be_read_say_what_to_write(nonsense):
    with pytest.raises(QuestionError, match=r"write 2021, 2019\.\.2023"):
        filters_from(nonsense)


@given(years, years)
def test_a_range_is_read_or_turned_around_by_the_message(first, last):
    if first <= last:
        assert filters_from(f"{first}..{last}").years == (first, last)
    else:
        with pytest.raises(QuestionError, match=rf"write {last}\.\.{first}"):
            filters_from(f"{first}..{last}")


def test_names_are_kept_in_order_and_tidied():
    found = filters_from(None, [" Ada  Lovelace", "Turing"], ["ACL"], ["doi:10.1/x"])
    assert found == Filters((None, None), ("Ada Lovelace", "Turing"), ("ACL",), ("doi:10.1/x",))


def test_nothing_given_means_every_paper():
    assert not filters_from()


@pytest.mark.parametrize("name", ["authors", "venues", "papers"])
def test_a_blank_name_is_an_error_instead_of_finding_nothing(name):
    with pytest.raises(QuestionError, match="filter is empty"):
        filters_from(**{name: ["ok", "  "]})
