r"""Formulas of titles and abstracts: which parts of a text KaTeX may set, and nothing else of it.

KaTeX knows commands that act: ``\def`` makes macros, ``\href`` links, ``\rule`` covers the page, ``\htmlClass`` writes
HTML. Only formulas that are made of symbols, letters and a list of harmless commands are handed to it, between two
characters that no paper holds; every other dollar sign stays what it is. The page's own KaTeX does the setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

OPEN, CLOSE = "\ue000", "\ue001"  # private use: taken out of whatever papers and people wrote
DELIMITERS: list[dict[str, Any]] = [{"left": OPEN, "right": CLOSE, "display": False}]

_FORMULA = re.compile(r"(?<![\\$\w])\$([^$\n]{1,300}?)(?<![\\\s])\$(?![\w$])|\\\((.{1,300}?)\\\)")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
_DEEPEST = 8  # braces in braces
_SAFE = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho "
    "varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi "
    "Psi Omega times cdot pm mp div ast star circ bullet oplus otimes odot leq geq le ge neq ne approx sim simeq "
    "equiv cong ll gg propto in notin ni subset supset subseteq supseteq cup cap setminus forall exists nabla "
    "partial infty to rightarrow leftarrow Rightarrow Leftarrow leftrightarrow mapsto uparrow downarrow sum prod "
    "int log ln exp sin cos tan min max sup inf lim arg det dim ker Pr frac tfrac sqrt hat bar tilde vec dot ddot "
    "overline underline widehat widetilde mathbb mathbf mathcal mathfrak mathit mathrm mathsf mathtt boldsymbol "
    "text textbf textit textrm mathop operatorname left right langle rangle lfloor rfloor lceil rceil vert Vert "
    "mid parallel perp ldots cdots dots prime ell hbar Re Im emptyset varnothing neg land lor wedge vee top bot "
    "angle triangle quad qquad degree".split()
)
_SAFE_SIGNS = frozenset([*", ; : ! % & _ # $ { } |".split(), " "])


def formulas(text: str) -> Iterator[tuple[str, bool]]:
    r"""Yield ``text`` piece by piece, and whether a piece is the inside of a formula that may be set.

    >>> list(formulas(r"an $O(n^2)$ bound for \$5"))
    [('an ', False), ('O(n^2)', True), (' bound for \\$5', False)]
    """
    position = 0
    for match in _FORMULA.finditer(text):
        if _is_safe(inside := match[1] or match[2] or ""):
            yield text[position : match.start()], False
            yield inside, True
            position = match.end()
    yield text[position:], False


def _is_safe(formula: str) -> bool:
    if not formula.strip() or not _is_closed(formula):
        return False
    return all(name in (_SAFE if name.isalpha() else _SAFE_SIGNS) for name in _COMMAND.findall(formula))


def _is_closed(formula: str) -> bool:
    depth = 0
    for character in _COMMAND.sub("", formula):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not 0 <= depth <= _DEEPEST or character in "%#&":
            return False
    return depth == 0 and not formula.endswith("\\")
