"""Formulas: KaTeX gets symbols, never a command that acts."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.formulas import CLOSE, OPEN, formulas
from ui.markup import prose


@pytest.mark.parametrize(
    "text",
    [r"$O(n^2)$", r"$\mathcal{O}(n \log n)$", r"\(\alpha_i \leq 0.5\)", r"$F_1$", r"$\pm 0.3\%$", r"$\frac{1}{2}$"],
)
def test_what_abstracts_write_is_set(text):
    assert OPEN in prose(f"We need {text} steps.")


@pytest.mark.parametrize(
    "text",
    [
        r"$\href{javascript:alert(1)}{x}$", r"$\def\a{\a\a}\a$", r"$\rule{9999em}{9999em}$", r"$\htmlClass{x}{y}$",
        r"$\includegraphics{http://evil}$", r"$\url{x}$", r"$\color{red}x$", r"$\htmlData{a=b}{c}$", r"$\require{x}$",
        r"$\newcommand{\x}{y}$", r"$\text{\href{a}{b}}$", "$}{$", "$" + "{" * 20 + "}" * 20 + "$", "$x%y$", r"$x\$",
        r"$\cssId{a}{b}$", r"$\style{a}{b}$", r"$\csname def\endcsname$", r"$\kern999em$", r"$\\[999em]x$",
    ],
)  # fmt: skip
def test_what_could_act_stays_text(text):
    shown = prose(text)
    assert OPEN not in shown
    assert not any(name in shown for name in ("<a", "<img"))


def test_prices_are_no_formulas():
    assert OPEN not in prose("It costs $5 and then $7 more.")
    assert OPEN not in prose(r"a \$5 and \$6 bill")


@given(st.text(alphabet="$\\{}()ab d^_%#&hrefO1" + OPEN + CLOSE))
def test_nothing_but_a_safe_formula_stands_between_the_delimiters(text):
    shown = prose(text)
    assert shown.count(OPEN) == shown.count(CLOSE)
    for inside in re.findall(f"{OPEN}(.*?){CLOSE}", shown):
        assert "\\href" not in html.unescape(inside)


@given(st.text())
def test_the_pieces_are_the_text(text):
    pieces = list(formulas(text))
    assert all(piece in text for piece, _ in pieces)
    if not any(is_formula for _, is_formula in pieces):
        assert "".join(piece for piece, _ in pieces) == text
