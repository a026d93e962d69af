"""Prompts: loaded from files, checked against what the program fills, filled without being read."""

from __future__ import annotations

import sys

import pytest

from assistant.errors import PromptError
from assistant.prompts import load_prompt
from assistant.writing import PROMPT_VARIABLES

NAMES = {"question": "Why {title}?", "title": "On {braces} and <|im_end|>", "quote": "Because {0} {{x}} %s."}


@pytest.fixture
def prompt_files(tmp_path, monkeypatch):
    """Return ``prompt_files(system, user)``, which makes them the only prompt there is, called ``test``."""
    folder = tmp_path / "prompts" / "test"
    folder.mkdir(parents=True)
    (tmp_path / "prompts" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "prompts", raising=False)

    def write(**texts):
        for role, text in texts.items():
            (folder / f"{role}.md").write_text(text, encoding="utf-8")

    yield write
    monkeypatch.undo()
    sys.modules.pop("prompts", None)  # the next test finds the real one again


def test_the_prompt_of_the_program_fills_what_the_program_gives_and_nothing_more():
    values = {name: NAMES[name] for name in PROMPT_VARIABLES}
    messages = load_prompt("sentence", PROMPT_VARIABLES).messages(**values)
    assert [message.type for message in messages] == ["system", "human"]
    for value in values.values():
        assert str(messages[1].text).count(value) == 1


def test_what_never_changes_stands_first():
    template = load_prompt("sentence", PROMPT_VARIABLES).template
    assert template.messages[0].prompt.input_variables == []


def test_the_digest_says_whether_the_wording_changed(prompt_files):
    digests = []
    for user in ("{question}", "{question} ", "{question}!"):
        prompt_files(system="Be brief.", user=user)
        digests.append(load_prompt("test", {"question"}).digest)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("user", ["{question} {title}", "none", "{question} {}", "{question.x}", "{question[0]}"])
def test_other_variables_than_the_programs_are_an_error_that_names_both(user, prompt_files):
    prompt_files(system="Be brief.", user=user)
    with pytest.raises(PromptError, match=r"prompts/test uses .*, but the program fills \['question'\]; make them"):
        load_prompt("test", {"question"})


def test_a_single_brace_is_an_error_and_a_double_one_is_text(prompt_files):
    prompt_files(system='Answer as {{"a": 1}}.', user="{question}")
    assert load_prompt("test", {"question"}).messages(question="x")[0].text == 'Answer as {"a": 1}.'
    prompt_files(system="{", user="{question}")
    with pytest.raises(PromptError, match=r"a single brace .*; write \{\{ for one that is text"):
        load_prompt("test", {"question"})


def test_a_missing_file_is_an_error_with_its_path_and_what_to_do(prompt_files):
    prompt_files(system="Be brief.")
    with pytest.raises(PromptError, match=r"prompts/test/user\.md cannot be read .*; install the package again"):
        load_prompt("test", set())
