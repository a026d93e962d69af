"""Answer records of the questions of a file: every question gets one, also one that cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.errors import QuestionError

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.assistant import Assistant
    from assistant.evaluation.questions import LabelledQuestion


def answer_record(assistant: Assistant, question: LabelledQuestion) -> dict[str, Any]:
    """Return the answer record of a question, with its id."""
    try:
        answer = assistant.ask(question.question, history=question.history)
    except QuestionError as error:
        answer = _not_asked(assistant, question, str(error))
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
