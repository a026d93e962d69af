"""About itself: what the assistant says of the library and of itself, read off the library and not off any abstract.

Knows what the library's table holds and which models run; does not search.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Citation, History, Sentence
from assistant.answering import cite
from assistant.evidence import Evidence
from assistant.filters import Filters, described
from assistant.library import Library
from assistant.library_questions import LibraryQuestion, read_continued, read_library_question
from assistant.papers import Paper
from assistant.sentences import split_sentences
from assistant.text import unmarked
from assistant.words import content_words, stem

Remarks = list[tuple[Sentence, Citation | None]]
"""The sentences of an answer, each with the citation behind it, if there is one."""

_LISTED = 5  # papers named in one answer
_TURNS = 20  # of a conversation that a question may go on from
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
        models: Returns names and digests of the models.
        version: Of the program.
    """

    library: Library
    models: Callable[[], Mapping[str, str]]
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
        if asked is None and (last := self._last(earlier)):
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
            "reword": self._reword,
            "models": self._models,
            "network": self._network,
        }[asked.kind](asked, filters)
        return numbered(told)

    def _last(self, earlier: History) -> LibraryQuestion | None:
        """Return what the last question asked about the library, those that it goes on from included."""
        last = None
        for question, _ in earlier[-_TURNS:]:
            asked = read_library_question(question, self._known)
            last = asked or (read_continued(question, last, self._known) if last else None)
        return last

    # -- papers --------------------------------------------------------------------------------------------------

    def _count(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        scope = asked.filters & filters
        count, among = self.library.count(scope), self.library.count(filters)
        if not count:
            return [self._none(asked.filters, filters)]
        if not asked.filters:
            return [Told(f"The library holds {_papers(count)}{_seen(filters)}.")]
        verb = "is" if count == 1 else "are"
        whole = f"the {_papers(among)}{_seen(filters)}" if filters else f"the library's {_papers(among)}"
        return [Told(f"{count:,} of {whole} {verb} {described(asked.filters)}.")]

    def _list(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        scope = asked.filters & filters
        count = self.library.count(scope)
        if not count:
            return [self._none(asked.filters, filters)]
        verb, shown = ("is", "") if count == 1 else ("are", f"; {_LISTED} of them" if count > _LISTED else "")
        whole = f"{_papers(count)} of the library{_seen(filters)} {verb} {described(asked.filters)}{shown}:"
        first = Told(whole if asked.filters else f"The library holds {_papers(count)}{_seen(filters)}{shown}:")
        return [first, *(Told(_line(paper), paper) for paper in self.library.by_year(scope, _LISTED))]

    def _extreme(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        scope = asked.filters & filters
        if not self.library.count(scope):
            return [self._none(asked.filters, filters)]
        years = self.library.years(scope)
        if not years:
            return [Told(f"The library does not know from which years {self._which(asked.filters)} are.")]
        year = max(years) if asked.kind == "newest" else min(years)
        of_year = scope & Filters(years=(year, year))
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
            told.append(Told(f"The words that most of their titles share are {in_a_row(words)}."))
        if venues := self.library.venues(filters, _VENUES):
            told.append(Told(f"Most of them appeared in {in_a_row([f'{v} ({n:,})' for v, n in venues.items()])}."))
        if years := self.library.years(filters):
            told.append(Told(f"They are from {_span(years)}."))
        return told

    def _none(self, asked: Filters, filters: Filters) -> Told:
        return Told(self.none(asked, filters))

    def none(self, asked: Filters, filters: Filters) -> str:
        """Say that there is no paper that passes both what is asked and the caller's filters, and what there is."""
        if not self.library.count():
            return "The library is empty; add papers with: assistant add FILE"
        if not self.library.count(filters):
            return "No paper of the library passes these filters."
        fields = self.library.known_fields(filters)
        for part in asked.parts():
            for wanted, field, unknown in (
                (part.years != (None, None), "year", "from which years its papers are"),
                (part.authors, "authors", "who wrote its papers"),
                (part.venues, "venue", "where its papers appeared"),
            ):
                if wanted and field not in fields:
                    return f"The library does not know {unknown}."
        instead = f"; its years are {_span(self.library.years(filters))}" if asked == Filters(asked.years) else ""
        return f"No paper of the library{_seen(filters)} is {described(asked)}{instead}."

    def _known(self, filters: Filters) -> bool:
        return self.library.count(filters) > 0

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

    def _reword(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        return [
            Told(
                "I show the abstracts' own words, and do not say them again in others: those could say something else."
            ),
            Told("With a language model and the setting mode = written, each sentence is worded anew and checked."),
        ]

    def _models(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        models = self.models()
        chat = models.get("chat", "none")
        language = "No language model runs" if chat == "none" else f"The language model is {chat}"
        return [
            Told(f"{language}; the embedding model is {models.get('embeddings', 'none')}."),
            Told(f"The program is paper-assistant {self.version}."),
        ]

    def _network(self, asked: LibraryQuestion, filters: Filters) -> list[Told]:
        return [
            Told("I work offline: papers, index and models lie on this machine."),
            Told("Only a remote language model named in the settings would be sent questions and quotes."),
        ]


def numbered(told: Sequence[Told]) -> Remarks:
    """Return the sentences of an answer, numbered by the papers that they name."""
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
    return unmarked(f"“{paper.title}”" + (f" ({details})" if details else "") + ".")


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


def in_a_row(parts: Sequence[str]) -> str:
    """Return words as a sentence lists them."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
