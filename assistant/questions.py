"""What a question asks for, read off its words: a quantity, a work, a comparison, names that must be met.

Surface cues only, in English; a question without any is answered all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from assistant.sentences import Span
from assistant.text import fold
from vectorstore.terms import STOP_WORDS

_NUMBER = re.compile(
    r"\b(how (many|much|large|big|long|fast|far|often|well|high|accurate|small)|by how|by what|percent(age)?|points?|"
    r"(what|which|the) (\w+ )?(share|score|accuracy|number|rate|auc|iou|factor|fraction|margin|size)|f1|auc|iou|mrr|"
    r"bleu|sari|number of|margin|improvement|increase|decrease|gain)\b",
    re.IGNORECASE,
)
_A_PAPER = r"\b(which|what) (\w+ ){0,2}(work|paper|study|article|publication)s?\b"
_WORK = re.compile(
    rf"{_A_PAPER}|\b(which|what) (\w+ ){{0,2}}research\b|"
    r"\b(which|what) (\w+ )?(model|method|framework|network|approach|system|technique|algorithm|program)s? "
    r"(?!(do|does|did|is|are|was|were|has|have|had)\b)|"
    r"\b(is|are) there\b|\b(looking for|want|recommend|suggest)\b|\b(has|did|who) (anyone|anybody|somebody|showed?)\b|"
    r"\b(anything|something|any (work|paper|method|model|way))\b|"
    r"^(can|could|will|do|does|would|is it possible)\b",
    re.IGNORECASE | re.MULTILINE,
)
_PAPER = re.compile(_A_PAPER, re.IGNORECASE)
_AUTHORS = re.compile(
    r"\bwho (wrote|authored)\b|\bwho are (the|its|their) authors?\b|\bnames? of (the|its|their) authors?\b|"
    r"\b(what|which) are (the|its|their) authors?\W*$",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"\bwho (?:first |originally )?(?:introduced|proposed|presented|invented|developed|created|designed|built|coined|"
    r"came up with|released|devised|pioneered)\b",
    re.IGNORECASE,
)
_TWO_WORKS = re.compile(
    r"\b(two|both) (works?|papers?|stud(y|ies)|articles?|methods?|models?|approaches)\b|"
    r"\bone (work|paper|study|method|model)\b.{0,300}\b(another|the other|a second)\b",
    re.IGNORECASE | re.DOTALL,
)
_BESIDE = re.compile(
    r"\b(each|both|differ\w*|compare[sd]?(?! (to|with|against))|comparison|versus|vs)\b", re.IGNORECASE
)

# What stands behind "how many" or "what", up to the verb or preposition after it.
_COUNTED = re.compile(
    r"\bhow many\s+((?:(?!(?:do|does|did|is|are|was|were|be|has|have|had|can|could|will|would|should|in|of|on|to|from|"
    r"for|at|by|with|before|after|during|between|into|up|than|as|that|which|the|an?|they|it|he|she|you|we|i|there|and|"
    r"or|per|make|makes|made|take|takes|took|pass|need|needs|use|uses|get|gets|go|goes)\b)[\w\-/]+\s*){1,4})",
    re.IGNORECASE,
)
# What stands behind "which", "what" or "how", up to the verb or preposition after it: what an answer is to name.
_ASKED_FOR = re.compile(
    r"\b(?:which|what|whose|how(?: many| much)?)\s+"
    r"((?:(?!(?:do|does|did|is|are|was|were|be|has|have|had|can|could|will|would|should|that|it|they|he|she|you|we|i|there|to|for|in|on|at|by|from|with)\b)[\w\-/']+\s*){1,5})",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"\bwhat (?:is (?:the |its |[\w\-]+'s )?|was (?:the |its )?|are (?:the |its )?)?"
    r"((?:[\w\-@/]+ ){0,3}?(?:scores?|accurac(?:y|ies)|errors?|rates?|auc|auroc|f1|fid|iou|bleu|rouge|"
    r"mrr(?:@\d+)?|ndcg(?:@\d+)?|pass@\d+|sari|map|perplexity|recall|precision|latency|throughput))\b",
    re.IGNORECASE,
)
# A name: a capital after the first letter or a hyphen, several capitals, letters with digits, an @ as in MRR@10.
_NAME = re.compile(
    r"(?<![\w@])(?:[A-Za-z]\w*[A-Z][\w\-@^.]*|[A-Z]{2,}[\w\-@]*|[A-Z]\w+-[A-Z][\w\-]*|[A-Za-z]+@\d+|"
    r"[A-Za-z]+-?\d[\w\-]*|\d+[A-Za-z][\w\-]*)"
)

# What a paper calls its own thing: "named X", "we introduce X".
_NAMED = re.compile(
    r"\b(?:called|named|dubbed|termed|referred(?: to)? as|introduc(?:e|es|ing)|present|propose|develop|developed)\s+"
    rf"(?:the\s+|a\s+|an\s+)?({_NAME.pattern})"
)

# What is written like a proper name in the middle of a sentence, and numbers that are no plain counts.
_PROPER = re.compile(r"(?<=[a-z,;:)\d] )[A-Z][a-z]+\b|(?<![\w.])\d{3,}(?![\w.])")
_MOST_NAMES = 12  # each is looked for in every paper that is read
_ORDINAL = re.compile(r"\d+(st|nd|rd|th|s)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    Attributes:
        number: A quantity of any kind.
        work: Some work that fits a description, so that the answer must name it.
        paper: Some paper, by that word.
        authors: Who wrote a paper.
        introduced: Where it asks who introduced something, which only the paper that did so can tell.
        two_works: Two works that it describes.
        beside: Works beside each other, by a word such as "each" or "versus".
        counted: Where it names what is counted, as in "how many patients".
        measured: Where it names a measure, as in "what F1".
        proper: Words written like proper names, and large numbers; less sure to be names than ``names``.
        phrases: The words that say what an answer is to name, as "encoders" in "which encoders does it use".
        names: The names it mentions, in order, each once.
    """

    number: bool
    work: bool
    paper: bool
    authors: bool
    introduced: Span | None
    two_works: bool
    beside: bool
    counted: Span | None
    measured: Span | None
    proper: tuple[str, ...]
    phrases: tuple[Span, ...]
    names: tuple[str, ...]


def read_question(question: str) -> Asked:
    """Return what the words of ``question`` ask for.

    >>> asked = read_question("How many patients did AD-BERT see, and what AUC does it reach?")
    >>> asked.counted.of("How many patients did AD-BERT see"), asked.names
    ('patients', ('AD-BERT', 'AUC'))
    """
    return Asked(
        number=bool(_NUMBER.search(question)),
        work=bool(_WORK.search(question)),
        paper=bool(_PAPER.search(question)),
        authors=bool(_AUTHORS.search(question)),
        introduced=Span(*match.span()) if (match := _INTRODUCED.search(question)) else None,
        two_works=bool(_TWO_WORKS.search(question)),
        beside=bool(_BESIDE.search(question)),
        counted=_span(_COUNTED, question),
        measured=_span(_MEASURED, question),
        proper=tuple(dict.fromkeys(_PROPER.findall(question))),
        phrases=tuple(_group(match) for match in _ASKED_FOR.finditer(question)),
        names=_names(question),
    )


def _names(question: str) -> tuple[str, ...]:
    if question == question.upper():  # typed in capitals, which then say nothing
        return ()
    found = dict.fromkeys(name.rstrip(".-") for name in _NAME.findall(question))
    names = (n for n in found if n.lower() not in STOP_WORDS and not _ORDINAL.fullmatch(n))
    return tuple(islice(names, _MOST_NAMES))


def mentions(text: str, name: str) -> bool:
    """Say whether ``text`` contains a name, spelt with or without hyphens, or spelt out.

    >>> mentions("natural language processing with GPT 4", "GPT-4"), mentions("named-entity recognition", "NER")
    (True, True)
    """
    squashed = _squash(text)
    wanted = _squash(name)
    if wanted in squashed or (wanted.endswith("s") and wanted[:-1] in squashed):
        return True
    if _is_initials(name, text):
        return True
    parts = [part for part in re.split(r"[-/]", name) if part[:1].isupper() or any(c.isdigit() for c in part)]
    return (
        "-" in name
        and bool(parts)
        and len(parts) < len(re.split(r"[-/]", name))
        and all(_squash(part) in squashed for part in parts)
    )


def own_names(title: str, abstract: str) -> list[str]:
    """Return the names that a paper gives to what it introduces, those of its title first.

    >>> own_names("BeeNet: Counting Bees", "Unlike YOLO, it counts. Its small form is called BeeNet-S.")
    ['BeeNet', 'BeeNet-S']
    """
    heads = [title.partition(":")[0].strip()] if ":" in title else []
    found = [head for head in heads if _NAME.fullmatch(head)] + [m[1].rstrip(".-") for m in _NAMED.finditer(abstract)]
    return list(dict.fromkeys(found))


def is_word_of(name: str, text: str) -> bool:
    """Say whether a name stands in a text as a word of its own, letter for letter."""
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def coordinated(question: str, one: str, other: str) -> bool:
    """Say whether two names are joined in a question: "X and Y", "X or the Y model", "X versus Y"."""
    pattern = r"{}(?:'s)?(?:\W+\w+){{0,2}}?\W+(?:and|or|vs|versus|nor|with|from)\b(?:\W+\w+){{0,2}}?\W+{}"
    names = (re.escape(one), re.escape(other))
    return any(re.search(pattern.format(a, b), question, re.IGNORECASE) for a, b in (names, names[::-1]))


def _is_initials(name: str, text: str) -> bool:
    if not re.fullmatch(r"[A-Z]{2,6}s?", name):
        return False
    initials = "".join(word[0] for word in re.findall(r"[a-z]+", fold(text)))
    return name.lower() in initials or name.lower().rstrip("s") in initials


def _squash(text: str) -> str:
    return re.sub(r"[^\w]|_", "", fold(text))


def _span(pattern: re.Pattern[str], text: str) -> Span | None:
    match = pattern.search(text)
    return _group(match) if match else None


def _group(match: re.Match[str]) -> Span:
    return Span(match.start(1), match.start(1) + len(match[1].rstrip()))
