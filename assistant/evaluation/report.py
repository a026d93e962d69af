"""An evaluation as a report for people: measures with their counts, causes, thresholds and single failures.

The report is a list of blocks, which are written as plain text or as Markdown. Knows no terminal and no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.evaluation.answers import WORDS, WORDS_COMPARE, summarise
from assistant.evaluation.causes import MEANINGS
from assistant.evaluation.results import Evaluation, Result
from assistant.text import one_line, shorten

_SHORT = 200  # characters of an answer in the report
_LABEL = 10  # characters of "expected: " and its like
_MEASURES = {
    "correct": "questions that are answered right",
    "cited": "answerable questions that cite a right paper",
    "facts": f"answerable questions with every fact in the first {WORDS} words ({WORDS_COMPARE} for a comparison)",
    "precision": "citations, to answerable questions, that are of a right paper",
    "quotes": "quotes that stand word for word in their abstract",
    "numbers": "numbers in answers that stand in a paper they cite",
    "refused": "unanswerable questions that are refused, as they should be",
    "false_refusal": "answerable questions that are refused",
}
_COLUMNS = {
    "n": "n", "correct": "right", "cited": "cited", "facts": "facts", "precision": "precision", "quotes": "quotes",
    "numbers": "numbers", "refused": "refused", "false_refusal": "refused wrongly", "words": "words",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a header; numbers stand to the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: a heading, paragraphs and perhaps a table."""

    heading: str
    lines: tuple[str, ...] = ()
    table: Table | None = None


def as_text(evaluation: Evaluation, *, failures: bool) -> str:
    """Return the report as it is shown in a terminal; ``failures`` adds every question that went wrong."""
    return "\n\n".join("\n".join(_text_lines(section)) for section in _sections(evaluation, failures))


def as_markdown(evaluation: Evaluation) -> str:
    """Return the whole report, failures included, as Markdown."""
    sections = ["\n\n".join(_markdown_blocks(section)) for section in _sections(evaluation, failures=True)]
    return "# Answers\n\n" + "\n\n".join(sections) + "\n"


def _sections(evaluation: Evaluation, failures: bool) -> Iterator[Section]:
    yield _measures(evaluation)
    yield _kinds(evaluation)
    if evaluation.wrong:
        yield _causes(evaluation)
    if evaluation.attempts:
        yield _thresholds(evaluation)
    for result in evaluation.wrong if failures else ():
        yield _failure(result)


def _measures(evaluation: Evaluation) -> Section:
    counts = evaluation.counts()
    rows = [(text, *_count(counts[name])) for name, text in _MEASURES.items()]
    words = summarise(evaluation.judgements)["words"]
    rows.append(("words of an answer, median", f"{words:g}" if words else "-", ""))
    return Section(
        _number(len(evaluation.results), "question"), table=Table(("measure", "count", "share"), tuple(rows))
    )


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _count(truths: Sequence[bool]) -> tuple[str, str]:
    return (f"{sum(truths)} of {len(truths)}", f"{sum(truths) / len(truths):.3f}") if truths else ("-", "-")


def _kinds(evaluation: Evaluation) -> Section:
    rows = [
        (one_line(kind) or "(none)", *(_cell(name, row[name]) for name in _COLUMNS))
        for kind, row in evaluation.kinds().items()
    ]
    return Section("By kind", table=Table(("kind", *_COLUMNS.values()), tuple(rows)))


def _cell(name: str, value: float | None) -> str:
    if value is None or (name == "words" and not value):
        return "-"
    return f"{value:g}" if name in {"n", "words"} else f"{value:.2f}"


def _causes(evaluation: Evaluation) -> Section:
    rows = [(name, str(count), MEANINGS[name]) for name, count in evaluation.causes().items()]
    lines = ("The first part on the way to the answer that lost it.",)
    heading = f"What went wrong in {_number(len(evaluation.wrong), 'answer')}"
    return Section(heading, lines, Table(("cause", "n", "meaning"), tuple(rows)))


def _thresholds(evaluation: Evaluation) -> Section:
    rows = evaluation.thresholds()
    best = max(rows, key=lambda row: (row.right + row.refused, row.threshold == evaluation.threshold))
    present = "as it is now" if best.threshold == evaluation.threshold else f"it is {evaluation.threshold:g} now"
    answerable = sum(attempt.answerable for attempt in evaluation.attempts)
    area = evaluation.area()
    lines = (
        f"Most questions end right at --set answer_threshold={best.threshold:g}; {present}.",
        "Risk is the share of the given answers that are wrong. Its mean over all coverages (0 is best) is "
        + ("-." if area is None else f"{area:.3f}."),
    )
    header = ("answer_threshold", "end right", "refused", "refused wrongly", "coverage", "risk")
    unanswerable = len(evaluation.attempts) - answerable
    table = [
        (
            f"{row.threshold:g}",
            str(row.right + row.refused),
            f"{row.refused} of {unanswerable}",
            f"{row.false_refusals} of {answerable}",
            f"{(given := row.right + row.wrong) / len(evaluation.attempts):.2f}",
            f"{row.wrong / given:.3f}" if given else "-",
        )
        for row in rows
    ]
    return Section("What other thresholds would give", lines, Table(header, tuple(table)))


def _failure(result: Result) -> Section:
    question, record, cause = result.question, result.seen.record, result.cause
    expected = [
        "nothing, because the library does not answer it" if question.answerable is False else "",
        ", ".join(f"“{title}”" for title in question.gold_titles or ()),
        ", ".join("/".join(fact) for fact in question.facts or ()),
    ]
    cited = dict.fromkeys(citation["title"] for citation in record["citations"])
    lines = (
        f"asked:    {question.question}",
        f"expected: {' with '.join(part for part in expected if part) or 'an answer'}",
        f"came:     {shorten(one_line(record['text']), _SHORT)}",
        *([f"cited:    {', '.join(f'“{title}”' for title in cited)}"] if cited else []),
        *([f"cause:    {MEANINGS[cause.name]}: {cause.detail}", f"helps:    {cause.remedy}"] if cause else []),
    )
    heading = " · ".join(filter(None, (str(question.question_id), question.kind, cause.name if cause else "")))
    return Section(heading, tuple(map(_cleaned, lines)))


def _cleaned(line: str) -> str:
    """Return "name:  text" as one clean line whose text stays in its column."""
    return line[:_LABEL] + one_line(line[_LABEL:])


def _text_lines(section: Section) -> Iterator[str]:
    yield one_line(section.heading)
    yield from (f"  {line}" for line in section.lines)
    if section.table:
        yield from _aligned(section.table)


def _aligned(table: Table) -> Iterator[str]:
    rows = [table.header, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.header))]
    pads = _pads(table)
    for row in rows:
        yield "  " + "  ".join(pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)).rstrip()


def _pads(table: Table) -> list[Callable[[str, int], str]]:
    columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.header)
    return [str.rjust if _is_numeric(column) else str.ljust for column in columns]


def _is_numeric(cells: Iterable[str]) -> bool:
    return all(re.fullmatch(r"-?|[\d.]+( of \d+)?", cell) for cell in cells)


def _markdown_blocks(section: Section) -> Iterator[str]:
    yield f"## {_literal(one_line(section.heading))}"
    if section.lines:
        yield "\n".join(f"- {_literal(line)}" for line in section.lines)
    if section.table:
        yield "\n".join(_piped(section.table))


def _piped(table: Table) -> Iterator[str]:
    pads = _pads(table)
    yield f"| {' | '.join(map(_literal, table.header))} |"
    yield f"|{'|'.join('---:' if pad is str.rjust else '---' for pad in pads)}|"
    for row in table.rows:
        yield f"| {' | '.join(map(_literal, row))} |"


_ACTIVE = re.compile(r"[\\`*_\[\]<>|!#$~&]")  # what questions and papers must not make act in Markdown or HTML


def _literal(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", text)
