"""About itself: what the assistant says of the library and of itself, read off the library and not off any abstract.

Knows what the library's table holds and which models run; does not search.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.answer import Citation, History, Sentence
from assistant.answering import cite
from assistant.evidence import Evidence
from assistant.library import Filters, Library
from assistant.library_questions import LibraryQuestion, read_continued, read_library_question
from assistant.papers import Paper
from assistant.sentences import split_sentences
from assistant.words import content_words, stem

Remarks = list[tuple[Sentence, Citation | None]]
"""The sentences of an answer, each with the citation behind it, if there is one."""

_LISTED = 5  # papers named in one answer
_VENUES, _WORDS = 3, 8
# Words that titles of any subject share.
_ANY_SUBJECT = frozenset(
    """analysis application applications approach approaches based case data effective efficient evaluation improved
    improving large learn learning method methods model models need new novel part performance problem problems
    research results review survey system systems task tasks toward towards understanding use used using via""".split()
)
_ASKS = "Ask about what they did, found or measured, or which of them fits a description; a follow-up question is fine."


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence of such an answer, and the paper that it names, if it does."""

    text: str
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class About:
    """Answers questions about the library and the assistant.

    Attributes:
        library: The library.
        models: Names and digests of the models.
        version: Of the program.
    """

    library: Library
    models: Mapping[str, str]
    version: str

    def __call__(self, question: str, earlier: History, filters: Filters) -> Remarks:
        """Return the answer's sentences, each with the citation behind it where it names a paper.

        Nothing, where the question is about anything else than the library and the assistant.

        Args:
            question: As asked, its spelling mended.
            earlier: The conversation so far.
            filters: Which papers the caller lets it see.
        """
        asked = read_library_question(question, self._known)
        if asked is None and earlier and (last := read_library_question(earlier[-1][0], self._known)):
            asked = read_continued(question, last, self._known)
        if asked is None:
            return []
        told = {
            "count": self._count,
            "list": self._list,
            "newest": self._extreme,
            "oldest": self._extreme,
            "years": self._years,
            "topics": self._topics,
            "assistant": self._assistant,
            "greeting": self._greeting,
            "models": self._models,
            "network": self._network,
        }[asked.kind](asked, filters)
        return _numbered(told)

    # -- papers --------------------------------------------------------------------------------------------------

    def _count(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        scope = self._scope(asked.filters, filters)
        count, among = self._number(scope), self.library.count(filters)
        if not count:
            return [self._none(asked.filters, filters)]
        if not asked.filters:
            return [Told(f"The library holds {_papers(count)}{_seen(filters)}.")]
        verb = "is" if count == 1 else "are"
        whole = f"the {_papers(among)}{_seen(filters)}" if filters else f"the library's {_papers(among)}"
        return [Told(f"{count:,} of {whole} {verb} {described(asked.filters)}.")]

    def _list(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        scope = self._scope(asked.filters, filters)
        count = self._number(scope)
        if not count or scope is None:
            return [self._none(asked.filters, filters)]
        verb, shown = ("is", "") if count == 1 else ("are", f"; {_LISTED} of them" if count > _LISTED else "")
        whole = f"{_papers(count)} of the library{_seen(filters)} {verb} {described(asked.filters)}{shown}:"
        first = Told(whole if asked.filters else f"The library holds {_papers(count)}{_seen(filters)}{shown}:")
        return [first, *(Told(_line(paper), paper) for paper in self.library.by_year(scope, _LISTED))]

    def _extreme(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        scope = self._scope(asked.filters, filters)
        if not self._number(scope) or scope is None:
            return [self._none(asked.filters, filters)]
        years = self.library.years(scope)
        if not years:
            return [Told(f"The library does not know from which years {self._which(asked.filters)} are.")]
        year = max(years) if asked.kind == "newest" else min(years)
        of_year = replace(scope, years=(year, year))
        where = f" {described(asked.filters)}" if asked.filters else ""
        noun, verb = ("papers", "are") if years[year] > 1 else ("paper", "is")
        shown = f"; {_LISTED} of these {years[year]:,}" if years[year] > _LISTED else ""
        first = Told(f"The {asked.kind} {noun}{where} {verb} from {year}{shown}:")
        return [first, *(Told(_line(paper), paper) for paper in self.library.by_year(of_year, _LISTED))]

    def _years(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        years, count = self.library.years(filters), self.library.count(filters)
        if not count:
            return [self._none(Filters(), filters)]
        if not years:
            return [Told("The library does not know from which years its papers are.")]
        unknown = count - sum(years.values())
        most = max(years, key=lambda year: (years[year], year))
        told = [Told(f"Its papers are from {_span(years)}{_seen(filters)}.")]
        if len(years) > 1 and years[most] > 1:
            told.append(Told(f"No year has more than {most}, with {years[most]:,}."))
        if unknown:
            told.append(Told(f"The year of {_papers(unknown)} is not known."))
        return told

    def _topics(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        titles = self.library.titles(filters)
        if not titles:
            return [self._none(Filters(), filters)]
        told = [Told(f"The library holds {_papers(len(titles))}{_seen(filters)}.")]
        if words := _frequent(titles):
            told.append(Told(f"The words that most of their titles share are {_and(words)}."))
        if venues := self.library.venues(filters, _VENUES):
            told.append(Told(f"Most of them appeared in {_and([f'{v} ({n:,})' for v, n in venues.items()])}."))
        if years := self.library.years(filters):
            told.append(Told(f"They are from {_span(years)}."))
        return told

    def _none(self, asked: Filters, filters: Filters) -> Told:
        """Say that there is no such paper, and what there is instead."""
        if not self.library.count():
            return Told("The library is empty; add papers with: assistant add FILE")
        if not self.library.count(filters):
            return Told("No paper of the library passes these filters.")
        years = self.library.years(filters)
        if asked.years != (None, None) and not years:
            return Told("The library does not know from which years its papers are.")
        instead = f"; its years are {_span(years)}" if asked.years != (None, None) else ""
        return Told(f"No paper of the library{_seen(filters)} is {described(asked)}{instead}.")

    def _scope(self, asked: Filters, filters: Filters) -> Filters | None:
        """Return filters that let through what both do, or None if that is nothing."""
        if not asked or not filters:
            return asked if asked else filters
        both = self.library.ids(asked) & self.library.ids(filters)
        return Filters(paper_ids=tuple(sorted(both))) if both else None

    def _known(self, filters: Filters) -> bool:
        return self.library.count(filters) > 0

    def _number(self, scope: Filters | None) -> int:
        return 0 if scope is None else self.library.count(scope)

    def _which(self, asked: Filters) -> str:
        return f"the papers {described(asked)}" if asked else "its papers"

    # -- the assistant -------------------------------------------------------------------------------------------

    def _assistant(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        count = self.library.count(filters)
        return [
            Told(
                f"I am a paper assistant: I answer questions from the abstracts of the {_papers(count)} in your "
                "library, and show the exact words behind every sentence."
            ),
            Told(_ASKS),
            Told("Where no abstract has the answer, I say so and name the nearest papers."),
        ]

    def _greeting(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        return [Told(f"Your library holds {_papers(self.library.count(filters))}."), Told(_ASKS)]

    def _models(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        chat = self.models.get("chat", "none")
        language = "No language model runs" if chat == "none" else f"The language model is {chat}"
        return [
            Told(f"{language}; the embedding model is {self.models.get('embeddings', 'none')}."),
            Told(f"The program is paper-assistant {self.version}."),
        ]

    def _network(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        return [
            Told("I work offline: papers, index and models lie on this machine."),
            Told("Only a remote language model named in the settings would be sent questions and quotes."),
        ]


def described(filters: Filters) -> str:
    """Return filters in words.

    >>> described(Filters(years=(2019, None), authors=("Smith",), venues=("EMNLP",)))
    'by Smith, in EMNLP, from 2019 or later'
    """
    first, last = filters.years
    parts = [f"by {name}" for name in filters.authors] + [f"in {name}" for name in filters.venues]
    if first is not None and last is not None:
        parts.append(f"from {first}" if first == last else f"from {first} to {last}")
    elif first is not None:
        parts.append(f"from {first} or later")
    elif last is not None:
        parts.append(f"from {last} or earlier")
    return ", ".join(parts)


def _numbered(told: list[Told]) -> Remarks:
    remarks, number = Remarks(), 0
    for one in told:
        number += one.paper is not None
        citation = cite(number, _first_sentence(one.paper)) if one.paper else None
        remarks.append((Sentence(one.text, (number,) if citation else (), "supported", 1.0), citation))
    return remarks


def _first_sentence(paper: Paper) -> Evidence:
    """Return the sentence of a paper that shows what it is about."""
    return Evidence(paper, split_sentences(paper.abstract)[0], 1.0)


def _line(paper: Paper) -> str:
    first = f"{paper.authors[0]} et al." if len(paper.authors) > 1 else "".join(paper.authors)
    details = ", ".join(part for part in (first, paper.venue, str(paper.year or "")) if part)
    return f"“{paper.title}”" + (f" ({details})" if details else "") + "."


def _frequent(titles: list[str]) -> list[str]:
    """Return the words that most titles share, as they are written most often, with the number of titles."""
    counts, forms = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for title in titles:
        words = {stem(w): w for w in content_words(title) if len(w) > 2 and w not in _ANY_SUBJECT and not w.isdigit()}
        counts.update(words.keys())
        for found, word in words.items():
            forms[found][word] += 1
    shared = [(found, n) for found, n in counts.most_common(_WORDS) if n > 1]
    return [f"“{forms[found].most_common(1)[0][0]}” ({n:,})" for found, n in shared]


def _papers(count: int) -> str:
    return f"{count:,} paper" if count == 1 else f"{count:,} papers"


def _seen(filters: Filters) -> str:
    return " that pass the filters" if filters else ""


def _span(years: Mapping[int, int]) -> str:
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first} to {last}"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
