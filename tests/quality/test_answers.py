"""The quality of answers with the bundled models, over the 81 papers of the shared page: thresholds, not numbers."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from assistant.assistant import Assistant
from assistant.cli import main


@pytest.fixture(scope="module")
def home(shared, tmp_path_factory):
    """A home that holds the papers of the shared page."""
    folder = tmp_path_factory.mktemp("quality") / "home"
    assert main(["add", str(shared / "data" / "seed_page.txt"), "--home", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def assistant(home):
    with Assistant.open(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def titles(shared):
    lines = (shared / "data" / "seed_papers.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["title"] for line in lines]


@pytest.mark.parametrize("words", ["What is {} about?", "What does the paper on {} propose?"])
def test_every_paper_that_is_asked_for_by_name_is_cited_first(words, assistant, titles):
    assert len(titles) == 81
    wrong = []
    for title in titles:
        answer = assistant.ask(words.format(title))
        if [citation.title for citation in answer.citations[:1]] != [title]:
            wrong.append((title, answer.reason or answer.citations[0].title))
    assert wrong == []


def test_the_development_questions_are_answered_well_enough(shared, home, tmp_path):
    questions, answers = shared / "eval" / "seed_questions_dev.jsonl", tmp_path / "answers.jsonl"
    assert main(["batch", str(questions), str(answers), "--home", str(home)]) == 0
    command = [sys.executable, shared / "eval" / "score.py", questions, answers, shared / "data" / "seed_papers.jsonl"]
    scored = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    measures = json.loads(scored.stdout)
    assert measures["n"] == 196
    assert measures["quotes"] == measures["numbers"] == 1.0
    least = {"correct": 0.78, "cited": 0.93, "precision": 0.85, "facts": 0.78, "refused": 0.80}
    assert {name: measures[name] for name in least if measures[name] < least[name]} == {}
    assert measures["false_refusal"] <= 0.04
    assert measures["words"] <= 60
