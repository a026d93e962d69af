"""Answer records of the questions of a file: every question gets one, also one that cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import QuestionError

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.assistant import Assistant
    from assistant.evaluation.questions import LabelledQuestion


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer record, and what was looked at on the way to it.

    Attributes:
        record: The answer record, with the question's id.
        read: Titles of the papers that were read, best first.
        taken: Titles of those that an answer would rest on.
        asked: False if the question could not be asked: it is empty or too long.
    """

    record: dict[str, Any]
    read: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    asked: bool = True


def answer_record(assistant: Assistant, question: LabelledQuestion) -> dict[str, Any]:
    """Return the answer record of a question, with its id."""
    return see_answer(assistant, question).record


def see_answer(assistant: Assistant, question: LabelledQuestion, answer_threshold: float | None = None) -> Seen:
    """Return the answer record of a question and what was looked at.

    Args:
        assistant: Answers it.
        question: The question.
        answer_threshold: In place of the setting's.
    """
    from assistant.answer import AnswerReady, EvidenceFound

    read, taken = dict[str, str](), tuple[str, ...]()
    try:
        for event in assistant.stream(question.question, history=question.history, answer_threshold=answer_threshold):
            if isinstance(event, EvidenceFound):
                read, taken = {paper.paper_id: paper.title for paper in event.read}, event.taken
            elif isinstance(event, AnswerReady):
                titles = tuple(read[paper_id] for paper_id in taken)
                return Seen(_with_id(question, event.answer), tuple(read.values()), titles)
    except QuestionError as error:
        return Seen(_with_id(question, _not_asked(assistant, question, str(error))), asked=False)
    raise AssertionError("a stream of events ends with the answer")


def _with_id(question: LabelledQuestion, answer: Answer) -> dict[str, Any]:
    return {"id": question.question_id} | answer.to_dict()


def _not_asked(assistant: Assistant, question: LabelledQuestion, reason: str) -> Answer:
    from assistant.answer import Answer, Considered, Timings
    from assistant.assistant import VERSION
    from assistant.text import clean

    asked = clean(question.question)  # what cannot be written as UTF-8 is in no record
    return Answer(
        question=asked,
        query=asked,
        status="abstained",
        reason=reason,
        text=reason,
        mode=assistant.writer.mode,
        sentences=(),
        citations=(),
        nearest=(),
        considered=Considered(assistant.library.count(), 0),
        models=assistant.models,
        timings=Timings(0.0, 0.0, 0.0),
        version=VERSION,
    )
