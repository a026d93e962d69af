"""What a question asks for, read off its words: a number, a paper, a comparison.

Surface cues only, in English; a question without any is answered all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(
    r"\b(how (many|much|large|big|long|fast|far|often|well|high|accurate|small)|by how|by what|percent(age)?|points?|"
    r"(what|which|the) (\w+ )?(share|score|accuracy|number|rate|auc|iou|factor|fraction|margin|size)|f1|auc|iou|mrr|bleu|"
    r"sari|number of|margin|improvement|increase|decrease|gain)\b",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"\b(which|what|any|some|a|is there|are there|find|looking for|recommend|suggest|has anyone|can (a|an|i|one|you))\b"
    r".*\b(work|works|paper|papers|study|studies|article|research|publication|method|model|models|framework|network|"
    r"approach|approaches|system|tool|software|program|programs|technique|algorithm|way|anything|one|place)\b",
    re.IGNORECASE | re.DOTALL,
)
_COMPARISON = re.compile(
    r"\b(each|both|respectively|differ(s|ent|ence|ences)?|compar(e|ed|es|ing|ison)|versus|vs|in contrast|two (works|papers|"
    r"studies|methods|models)|the other|another|while|either)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"\b(which|what|list|all|how many)\b.*\b(papers|works|studies|articles|publications)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    Attributes:
        number: A quantity.
        paper: Some work that fits a description, so that the answer must name it.
        comparison: Several works beside each other.
        papers: All works of a kind.
    """

    number: bool
    paper: bool
    comparison: bool
    papers: bool


def read_question(question: str) -> Asked:
    """Return what the words of ``question`` ask for.

    >>> read_question("By how much does X improve F1?").number
    True
    >>> read_question("How do ALBEF and M3EL differ?").comparison
    True
    """
    return Asked(
        number=bool(_NUMBER.search(question)),
        paper=bool(_PAPER.search(question)),
        comparison=bool(_COMPARISON.search(question)),
        papers=bool(_LIST.search(question)),
    )
