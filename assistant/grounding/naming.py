"""Names: acronyms, mixed case, letters with digits. A claim may leave them out, never exchange them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.grounding.words import WordInContext, is_passive, words_in_context
from assistant.text import fold
from vectorstore.terms import STOP_WORDS

# A name: a capital after the first letter, several capitals, a capital before a hyphen, or letters with digits.
_NAME = re.compile(r"(?<!\w)(?:[A-Za-z]+[A-Z][\w\-^]*|[A-Z]\w*-[\w\-]+|[A-Z]{2,}[\w\-]*|[A-Za-z]+-?\d[\w\-^]*)")
_CAPITALISED = re.compile(r"(?<=[a-z,;:)] )[A-Z][a-z]{2,}\b")
_TOGETHER = 4  # words that may be written as one


def names(text: str) -> list[str]:
    """Return the folded names of a text in order: acronyms, mixed case, letters with digits, capitals in a sentence."""
    found = [(m.start(), fold(m.group().rstrip("-"))) for p in (_NAME, _CAPITALISED) for m in p.finditer(text)]
    return [name for _, name in sorted(set(found)) if name not in STOP_WORDS]


def wrong_names(claim: str, quote: str, title: str) -> Iterator[str]:
    """Yield which names of a claim its quote does not have, or has in another order of a comparison."""
    there = _written_together(f"{title} {quote}")
    for name in names(claim):
        if _as_one(name) not in there:
            yield f"the name {name} is not in the quote"
    said, known = names(claim), names(quote)
    in_quote = [name for name in said if name in known]
    if any(in_quote.count(name) > max(known.count(name), 1) + title.count(name) for name in in_quote):
        yield "it repeats a name in another's place"
    ours, theirs = words_in_context(claim), words_in_context(quote)
    turned = _turns(ours) != _turns(theirs)  # who does what to whom is judged with the content
    compares = not turned and ("respectively" in fold(claim) or any(word.direction for word in ours))
    if compares and not in_order(list(dict.fromkeys(in_quote)), list(dict.fromkeys(known))):
        yield "it compares names the other way round"


def _turns(words: Sequence[WordInContext]) -> bool:
    return any(word.direction and is_passive(words, place) for place, word in enumerate(words))


def _written_together(text: str) -> set[str]:
    """Return one to four words in a row, written as one: "GPT 4" and "GPT-4" share "gpt4"."""
    words = re.findall(r"[^\W_]+", fold(text))
    return {"".join(words[i : i + n]) for n in range(1, _TOGETHER + 1) for i in range(len(words))}


def _as_one(name: str) -> str:
    return "".join(re.findall(r"[^\W_]+", fold(name)))


def in_order(part: Iterable[str], whole: Iterable[str]) -> bool:
    """Say whether ``part`` can be had from ``whole`` by leaving things out."""
    rest = iter(whole)
    return all(item in rest for item in part)
