"""Writing: one sentence a quote, the model's where it can be shown, however the model sends it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.exceptions import ContextOverflowError as ProvidersOverflowError
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.errors import ContextOverflowError, ModelError
from assistant.evidence import Evidence
from assistant.grounding import check_claim
from assistant.models.scripted import ScriptedChatModel
from assistant.papers import Paper
from assistant.prompts import load_prompt
from assistant.sentences import split_sentences
from assistant.text import one_line
from assistant.writing import PROMPT_VARIABLES, ModelWriter, QuoteWriter, first_sentence

QUOTE = "The waggle dance of honey bees, i.e. their language, tells the distance in 93% of 120 flights (Frisch et al. 1967)."
PAPER = Paper(title="Bees in Flight", abstract=f"{QUOTE} It is short.")
EVIDENCE = Evidence(PAPER, split_sentences(PAPER.abstract)[0], 0.9)
QUESTION = "What does the dance of bees tell?"
WORDS = ["i.e.", "et al.", "No.", "It", "Iteration", "gains", "0.7%", "(see", "Fig.", "3.", "it)", "X.", "bees.", "We",
         "dance!", "results.We", "((", "))", "1.", "e.g.", "Why?", "\n", "\u200b", "Épée.", "“So.”", "Yes."]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=200)


def writer(model, check=check_claim, threshold=0.7):
    return ModelWriter(model, load_prompt("sentence", PROMPT_VARIABLES), check, threshold)


def write(model, question=QUESTION, evidence=EVIDENCE):
    return writer(model).write(question, evidence, lambda: False)


def says(text):
    return ScriptedChatModel(script=lambda _: text)


# -- one sentence -----------------------------------------------------------------------------------------------------


@given(texts, st.lists(st.integers(0, 400), max_size=20))
@example("It gains, i.e. Twice as much. Then it falls back.", [10, 11, 12, 13, 14])
def test_a_sentence_is_the_same_however_it_arrives(text, cuts):
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert first_sentence(text[a:b] for a, b in itertools.pairwise(edges)) == first_sentence([text])


@given(texts, texts)
def test_nothing_that_follows_changes_a_sentence_that_reading_stopped_at(text, more):
    read = []

    def pieces():
        for character in text:
            read.append(character)
            yield character

    found = first_sentence(pieces())
    if len(read) < len(text):  # it stopped early, so it was sure
        assert first_sentence([text + more]) == found
        stretch = text + more + "." * 900  # longer than what is read at most
        assert found in [span.of(one_line(stretch)) for span in split_sentences(one_line(stretch))]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "It gains 0.7%, i.e. twice as much, on v1.5 data. It is new.",
            "It gains 0.7%, i.e. twice as much, on v1.5 data.",
        ),
        ("Li et al. Show it (see Fig. 3. Left). We agree with them.", "Li et al. Show it (see Fig. 3. Left)."),
        ("Yes. Bees dance. They fly.", "Bees dance."),
        ("1. Bees dance.\n2. They fly.", "Bees dance."),
        ("Bees dance", ""),
        ("Bees dance, i.e.", ""),
        ("Yes.", ""),
        ("", ""),
    ],
)
def test_the_first_sentence_that_says_something_is_taken_whole_or_not_at_all(said, sentence):
    assert first_sentence([said]) == sentence


def test_no_more_is_read_than_a_sentence_takes():
    words = iter(["Bees ", "dance. ", "They ", "also ", "fly ", "far ", "away."])
    assert first_sentence(words) == "Bees dance."
    assert list(words) == ["fly ", "far ", "away."]


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_a_sentence_with_an_abbreviation_is_shown_whole():
    said = "The waggle dance, i.e. their language, tells the distance in 93% of 120 flights."
    assert write(says(f"{said} And so on and on.")).text == said


def test_a_sentence_that_the_check_refuses_is_the_quote():
    assert write(says("The waggle dance tells the distance in 12% of 120 flights.")).status == "quoted"
    assert write(says("Bees sing.")) == QuoteWriter().write(QUESTION, EVIDENCE, lambda: False)


def test_any_check_can_be_put_in():
    from assistant.grounding import Support

    checks = []

    def strict(*asked):
        checks.append(asked)
        return Support(0.5, "never sure")

    assert writer(says("Bees dance."), strict).write(QUESTION, EVIDENCE, lambda: False).status == "quoted"
    assert writer(says("Bees dance."), strict, 0.5).write(QUESTION, EVIDENCE, lambda: False).support == 0.5
    assert checks[0] == ("Bees dance.", QUOTE, "Bees in Flight", QUESTION)


# -- any model --------------------------------------------------------------------------------------------------------


class Silent(BaseChatModel):
    """Sends chunks without text, as a model does while it thinks, and never comes to an end."""

    @property
    def _llm_type(self):
        return "silent"

    def _stream(self, messages, stop=None, run_manager=None):
        yield from itertools.repeat(ChatGenerationChunk(message=AIMessageChunk(content="")))

    def _generate(self, messages, stop=None, run_manager=None):
        raise NotImplementedError


class Bare(BaseChatModel):
    """What LangChain asks of a model and nothing more: no streaming, no tokenizer, no options."""

    @property
    def _llm_type(self):
        return "bare"

    def _generate(self, messages, stop=None, run_manager=None):
        said = AIMessage(content=[{"type": "text", "text": "The waggle dance tells the distance. It is a language."}])
        return ChatResult(generations=[ChatGeneration(message=said)])


def test_a_model_that_only_does_what_langchain_asks_for_writes():
    assert write(Bare()).text == "The waggle dance tells the distance."
    listed = FakeListChatModel(responses=["The waggle dance tells the distance. It is a language."])
    assert write(listed).text == "The waggle dance tells the distance."


@pytest.mark.parametrize("error", [ContextOverflowError, ProvidersOverflowError])
@pytest.mark.parametrize("room", [2000, 800, 0])
def test_a_prompt_that_does_not_fit_is_shortened_and_else_the_quote_is_shown(error, room):
    prompts = []

    def small(messages):
        prompts.append(sum(len(str(message.text)) for message in messages))
        if prompts[-1] > room:
            raise error("the prompt is too long")
        return "The waggle dance tells the distance."

    sentence = write(ScriptedChatModel(script=small), question="What does the dance tell? " * 200)
    assert sentence.status == ("supported" if room else "quoted")
    assert prompts == sorted(set(prompts), reverse=True)
    assert len(prompts) <= 3


def test_a_short_prompt_that_does_not_fit_is_not_tried_twice():
    asked = []

    def none(messages):
        asked.append(messages)
        raise ContextOverflowError("no room")

    assert write(ScriptedChatModel(script=none), question="What?").status == "quoted"
    assert len(asked) == 1


def test_what_a_model_raises_becomes_an_error_of_ours():
    def fails(_):
        raise RuntimeError("out of order")

    with pytest.raises(ModelError, match=r"out of order.*mode=quoted"):
        write(ScriptedChatModel(script=fails))


def test_a_model_that_sends_nothing_for_ever_is_ended():
    assert write(Silent()).status == "quoted"


def test_the_bundled_model_is_never_asked_for_more_than_its_context_holds(tmp_path):
    from assistant.models.opening import open_chat_model
    from assistant.settings import Settings

    model = open_chat_model(Settings(context_tokens=512))
    try:
        long = Evidence(
            Paper(title="Bees", abstract="bees dance " * 2000), split_sentences("bees dance " * 2000)[0], 0.9
        )
        for evidence in (EVIDENCE, long):
            assert write(model, question="What does the dance tell? 🐝 " * 150, evidence=evidence).text
    finally:
        model.close()
