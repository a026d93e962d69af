"""A whole evaluation: every question of a file answered, judged and, where it went wrong, explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.evaluation.answers import Judgement, counted, judge_answer, known_texts, summarise
from assistant.evaluation.causes import MEANINGS, Cause, find_cause
from assistant.evaluation.records import Seen, see_answer
from assistant.evaluation.selective import (
    Attempt,
    ThresholdRow,
    area_under,
    at_threshold,
    best_threshold,
    risk_coverage,
)  # fmt: skip

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.evaluation.questions import LabelledQuestion

_THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True, slots=True)
class Result:
    """One question, its answer, what is right about it and why it is wrong.

    Attributes:
        question: With its labels.
        seen: The answer and what was looked at.
        judgement: What is right.
        cause: Why it is wrong; None if it is not.
        attempt: What would be answered at a threshold of 0; None if nobody can tell whether it is right.
    """

    question: LabelledQuestion
    seen: Seen
    judgement: Judgement
    cause: Cause | None
    attempt: Attempt | None

    def row(self) -> dict[str, Any]:
        """Return what a program may want to know about the question, as JSON values."""
        record = self.seen.record
        return {
            "id": self.question.question_id,
            "kind": self.question.kind,
            "question": self.question.question,
            "correct": self.judgement.correct,
            "cause": self.cause and self.cause.name,
            "detail": self.cause and self.cause.detail,
            "remedy": self.cause and self.cause.remedy,
            "gold_titles": self.question.gold_titles,
            "facts": self.question.facts,
            "missing_facts": self.judgement.missing,
            "status": record["status"],
            "confidence": record["confidence"],
            "text": record["text"],
            "cited": [citation["title"] for citation in record["citations"]],
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a file of questions.

    Attributes:
        results: In the file's order.
        threshold: The setting ``answer_threshold`` they were answered with.
    """

    results: tuple[Result, ...]
    threshold: float

    @property
    def judgements(self) -> list[Judgement]:
        """The judgements, in order."""
        return [result.judgement for result in self.results]

    @property
    def attempts(self) -> list[Attempt]:
        """What would be answered at a threshold of 0, of the questions for which it is known what is right."""
        return [result.attempt for result in self.results if result.attempt is not None]

    @property
    def wrong(self) -> list[Result]:
        """The results that are wrong."""
        return [result for result in self.results if result.judgement.correct is False]

    def causes(self) -> dict[str, int]:
        """Return how many answers each cause made wrong, in the order of the parts."""
        found = Counter(result.cause.name for result in self.results if result.cause)
        return {name: found[name] for name in MEANINGS if found[name]}

    def kinds(self) -> dict[str, dict[str, float | int | None]]:
        """Return the measures by kind of question."""
        kinds = sorted({j.kind for j in self.judgements})
        return {kind: summarise([j for j in self.judgements if j.kind == kind]) for kind in kinds}

    def counts(self) -> dict[str, list[bool]]:
        """Return each measure as truths, to be counted."""
        return counted(self.judgements)

    def thresholds(self) -> list[ThresholdRow]:
        """Return how the questions end at some thresholds, among them the present one and the best one."""
        some = {*_THRESHOLDS, self.threshold, best_threshold(self.attempts)}
        return [at_threshold(self.attempts, threshold) for threshold in sorted(some)]

    def area(self) -> float | None:
        """Return the area under the risk–coverage curve; None without an answer that can be judged."""
        given = [attempt for attempt in self.attempts if attempt.answered]
        return area_under(risk_coverage([a.confidence for a in given], [a.correct for a in given], len(self.attempts)))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values: the measures, and beside them their parts."""
        area = self.area()
        return summarise(self.judgements) | {
            "kinds": self.kinds(),
            "causes": self.causes(),
            "thresholds": [_as_dict(row) for row in self.thresholds()],
            "risk_coverage_area": None if area is None else round(area, 4),
            "questions": [result.row() for result in self.results],
        }


def evaluate(
    assistant: Assistant, questions: Sequence[LabelledQuestion], report: Callable[[str, int, int], None]
) -> Evaluation:
    """Return the results of asking every question over the assistant's library.

    Args:
        assistant: Answers.
        questions: With what is known about their answers.
        report: Told how far it is: what, done, of how many.
    """
    known = known_texts((paper.title, paper.abstract) for paper in assistant.library.papers())
    results = []
    for number, question in enumerate(questions, start=1):
        seen = see_answer(assistant, question)
        judgement = judge_answer(question, seen.record, known)
        cause = find_cause(question, judgement, seen, known, assistant.settings.max_sentences)
        results.append(Result(question, seen, judgement, cause, _attempt(assistant, question, seen, known)))
        report("questions", number, len(questions))
    return Evaluation(tuple(results), assistant.settings.answer_threshold)


def _attempt(assistant: Assistant, question: LabelledQuestion, seen: Seen, known: dict[str, str]) -> Attempt | None:
    """Return what would be answered at a threshold of 0; only what was refused has to be asked again."""
    refused = seen.record["status"] == "abstained" and seen.asked
    record = (see_answer(assistant, question, answer_threshold=0.0) if refused else seen).record
    answered = record["status"] == "answered"
    correct = judge_answer(question, record, known).correct
    if question.answerable is None or correct is None:
        return None
    return Attempt(question.answerable, record["confidence"], answered, answered and correct)


def _as_dict(row: ThresholdRow) -> dict[str, float | int]:
    from dataclasses import asdict

    return asdict(row)
