"""The command line: every command, its exit code, what it writes where, and what it says about wrong input."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from assistant.assistant import VERSION
from assistant.cli import COMMANDS, main
from assistant.models.hashing import HashingEmbeddings

QUESTION = "What does part 3 on sea ice rely on?"
ALWAYS, NEVER = "answer_threshold=0", "answer_threshold=1"
ACTIONS = [
    ["papers", "list"], ["papers", "show"], ["papers", "remove"], ["papers", "export"], ["evaluate", "answers"],
    ["evaluate", "retrieval"],
    ["models", "list"], ["models", "pull"], ["models", "use"],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _models_without_weights(monkeypatch):
    monkeypatch.setenv("ASSISTANT_EMBEDDING_MODEL", "hashing")
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL", "none")


@pytest.fixture
def run(capsys, home_of_papers, monkeypatch):
    """Return ``run(*words, stdin="")``, which gives exit code, stdout and stderr of a command over 12 papers."""
    monkeypatch.setenv("ASSISTANT_HOME", str(home_of_papers))

    def run_one(*words, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as ended:
            code = ended.code
        written = capsys.readouterr()
        return code, written.out, written.err

    return run_one


def questions_file(path, *records):
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def is_one_line_with(err, *parts):
    assert err.startswith("assistant: ")
    assert err.count("\n") == 1
    assert all(part in err for part in parts), err
    return True


# -- help, version, usage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], *([c] for c in COMMANDS), *ACTIONS], ids=" ".join)
def test_every_command_explains_itself(words, run):
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['assistant', *words])}")


def test_without_a_command_the_help_is_shown(run):
    code, out, _ = run()
    assert code == 0
    assert out == run("--help")[1]


def test_the_version_is_the_packages(run):
    assert run("--version") == (0, f"assistant {VERSION}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["dance"],
        ["ask"],
        ["ask", "one", "two"],
        ["search", QUESTION, "-k", "0"],
        ["search", QUESTION, "-k", "many"],
        ["serve", "--port", "http"],
        ["serve", "--port", "99999"],
        ["papers"],
        ["evaluate"],
        ["batch", "questions.jsonl"],
        ["ask", QUESTION, "--set", "nonsense"],
        ["ask", QUESTION, "--loud"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_so_on_stderr(words, run):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "usage: assistant" in err
    assert "error:" in err


def test_nothing_heavy_is_imported_to_show_the_help():
    heavy = ["torch", "gradio", "chromadb", "langchain_core", "sentence_transformers", "llama_cpp", "numpy", "fastapi"]
    code = (
        "import sys; from assistant.cli import main\n"
        "try: main(['ask', '--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr == "[]\n"


def test_the_installed_command_and_the_module_are_the_same_program(home_of_papers):
    command = os.path.join(os.path.dirname(sys.executable), "assistant")  # noqa: PTH118, PTH120 - not its target
    listing = ["papers", "list", "--home", home_of_papers]
    ended = [
        subprocess.run([*words, *listing], capture_output=True, text=True, check=False)
        for words in ([command], [sys.executable, "-m", "assistant"], [sys.executable, "-m", "assistant.cli"])
    ]
    assert [e.returncode for e in ended] == [0, 0, 0], ended[0].stderr
    assert ended[0].stdout == ended[1].stdout == ended[2].stdout
    assert ended[0].stdout.count("\n") == 12
    assert [e.stderr for e in ended] == ["", "", ""]


# -- home and settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["papers", "list", "--home", "{}"],
        ["papers", "--home", "{}", "list"],
        ["--home", "{}", "papers", "list"],
        ["--home", "/nowhere", "papers", "list", "--home", "{}"],
    ],
    ids=" ".join,
)
def test_the_home_may_stand_before_and_after_the_command(words, run, tmp_path):
    code, out, err = run(*(word.format(tmp_path / "other") for word in words))
    assert (code, out, err) == (0, "", "")
    assert (tmp_path / "other" / "library.sqlite3").is_file()


def test_settings_before_and_after_the_command_count_and_the_last_one_wins(run):
    assert run("--set", NEVER, "ask", QUESTION, "--set", ALWAYS)[0] == 0
    assert run("--set", ALWAYS, "--set", "max-sentences=1", "ask", QUESTION, "--set", "candidates = 2")[0] == 0
    assert run("ask", QUESTION, "--set", ALWAYS, "--set", NEVER)[0] == 3


def test_an_unknown_setting_is_an_error_that_names_the_nearest(run):
    code, out, err = run("ask", QUESTION, "--set", "thread=2")
    assert (code, out) == (1, "")
    assert is_one_line_with(err, "'thread'", "the nearest known one is 'threads'")


def test_an_error_of_several_lines_is_written_as_one(run, home_of_papers):
    (home_of_papers / "assistant.toml").write_text("mode = 'a\nb'", encoding="utf-8")
    code, _, err = run("ask", QUESTION)
    assert code == 1
    assert is_one_line_with(err, "assistant.toml cannot be read", "mend it or remove it")


def test_a_home_that_cannot_be_made_is_an_error(run, tmp_path):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    code, _, err = run("papers", "list", "--home", tmp_path / "file")
    assert code == 1
    assert is_one_line_with(err, str(tmp_path / "file"), "choose another with --home")


# -- add --------------------------------------------------------------------------------------------------------------


def test_add_reports_what_it_did_and_a_second_time_that_nothing_changed(run, tmp_path, make_papers, write_jsonl):
    source = write_jsonl(tmp_path / "papers.jsonl", make_papers(15))
    code, out, err = run("add", source)
    assert (code, err) == (0, "")
    assert out == "3 added, 0 updated, 12 unchanged, 0 skipped; 15 papers in the library\n"
    code, out, _ = run("add", source, "--json")
    report = json.loads(out)
    assert {k: report[k] for k in ("added", "updated", "unchanged", "skipped", "papers")} == {
        "added": 0, "updated": 0, "unchanged": 15, "skipped": [], "papers": 15,
    }  # fmt: skip


def test_a_dry_run_says_what_would_be_done_and_does_nothing(run, tmp_path, make_papers, write_jsonl, home_of_papers):
    source = write_jsonl(tmp_path / "papers.jsonl", make_papers(15))
    before = run("papers", "list", "--json")[1]
    line = "3 added, 0 updated, 12 unchanged, 0 skipped; 15 papers in the library\n"
    assert run("add", "--dry-run", source) == (0, f"would be: {line}", "")
    assert run("papers", "list", "--json")[1] == before
    assert run("add", source)[1] == line


def test_columns_can_be_named_and_a_field_that_is_none_names_the_nearest(run, tmp_path):
    (tmp_path / "a.csv").write_text("Titel;Inhalt\nBienen;Wir zählen Bienen.\n", encoding="utf-8")
    assert run("add", tmp_path / "a.csv")[0] == 1
    assert run("add", tmp_path / "a.csv", "--map", "title=Titel", "--map", "abstract=Inhalt")[1].startswith("1 added")
    code, _, err = run("add", tmp_path / "a.csv", "--map", "titel=Titel")
    assert code == 1
    assert is_one_line_with(err, "no field 'titel'", "did you mean 'title'")
    assert run("add", tmp_path / "a.csv", "--map", "title")[0] == 2


def test_add_names_what_it_skipped_on_stderr_and_fails_only_if_all_was(run, tmp_path, make_papers, write_jsonl):
    source = write_jsonl(tmp_path / "papers.jsonl", make_papers(1, start=50))
    with source.open("a", encoding="utf-8") as file:
        file.write("no json\n")
    code, out, err = run("add", source)
    assert (code, err.count("\n")) == (0, 1)
    assert f"skipped {source}, line 2" in err
    assert out.startswith("1 added")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("no json\n", encoding="utf-8")
    code, out, err = run("add", bad, "--json")
    assert code == 1
    assert json.loads(out)["skipped"][0]["line"] == 1
    assert err == ""


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["missing.jsonl"], ["missing.jsonl"]),
        (["missing.jsonl", "--format", "jsonlines"], ["'jsonlines'", "jsonl"]),
    ],
)
def test_add_says_what_is_wrong_with_a_path_or_a_format(words, parts, run):
    code, out, err = run("add", *words)
    assert (code, out) == (1, "")
    assert is_one_line_with(err, *parts)


# -- ask --------------------------------------------------------------------------------------------------------------


def test_ask_writes_the_answer_and_its_sources_to_stdout_and_a_note_to_stderr(run):
    code, out, err = run("ask", QUESTION, "--set", ALWAYS)
    assert code == 0
    answer, _, sources = out.partition("\nSources:\n")
    assert answer.splitlines()[0].endswith("[1]")
    assert sources.startswith("[1] [2] [3] On sea ice")  # one paper, quoted three times
    assert err.startswith("read ")
    assert err.count("\n") == 1


def test_ask_as_json_is_one_document_and_the_record_of_the_python_answer(run, open_assistant, home_of_papers):
    code, out, err = run("ask", QUESTION, "--json", "--set", ALWAYS)
    assert (code, err) == (0, "")
    record = json.loads(out)
    expected = open_assistant(home_of_papers, answer_threshold=0).ask(QUESTION).to_dict()
    for timed in (record, expected):
        del timed["timings"]
    assert record == json.loads(json.dumps(expected))


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_an_abstention_ends_with_3_and_names_the_nearest_papers(json_option, run):
    code, out, _ = run("ask", "Who won the cup in 1954?", "--set", NEVER, *json_option)
    assert code == 3
    if json_option:
        record = json.loads(out)
        assert record["status"] == "abstained"
        assert record["nearest"]
    else:
        assert "\nNearest papers:\n  - On " in out
        assert "Sources" not in out


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("", ["the question is empty"]),
        (" \n\t", ["the question is empty"]),
        ("\u200b", ["the question is empty"]),
        ("x" * 100_000, ["100,000 characters", "20,000", "shorten it"]),
    ],
    ids=["empty", "blank", "invisible", "endless"],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_that_cannot_be_asked_is_an_error(command, question, parts, run):
    code, out, err = run(command, question)
    assert (code, out) == (1, "")
    assert is_one_line_with(err, *parts)


@pytest.mark.parametrize("question", ["<|im_start|>system", "\ud800 sea ice", "sea ice " * 400, "ｓｅａ ｉｃｅ", "🐝"])
def test_strange_questions_are_answered_or_refused_like_others(question, run):
    code, out, _ = run("ask", question, "--json")
    assert code in (0, 3)
    assert json.loads(out)["status"] in ("answered", "abstained")


def test_filters_say_which_papers_are_considered(run):
    code, out, _ = run("ask", QUESTION, "--json", "--set", ALWAYS, "--year", "2001..2003", "--author", "Cote")
    assert code == 0
    assert json.loads(out)["considered"]["papers"] == 3
    code, out, _ = run("ask", QUESTION, "--json", "--set", ALWAYS, "--venue", "no such venue")
    assert code == 3
    assert json.loads(out)["considered"]["papers"] == 0
    code, _, err = run("ask", QUESTION, "--year", "soon")
    assert code == 1
    assert is_one_line_with(err, "'soon'", "write 2021, 2019..2023")


def test_an_empty_library_says_how_to_fill_it(run, tmp_path):
    code, out, _ = run("ask", QUESTION, "--home", tmp_path / "empty")
    assert code == 3
    assert "assistant add" in out


def test_output_in_an_encoding_that_lacks_a_character_is_no_error(home_of_papers):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    words = [sys.executable, "-m", "assistant", "search", QUESTION, "--home", home_of_papers]
    plain = subprocess.run(words, capture_output=True, env=environment, check=False)
    assert (plain.returncode, plain.stderr) == (0, b"")
    assert plain.stdout.isascii()
    document = subprocess.run([*words, "--json"], capture_output=True, env=environment, check=False)
    assert json.loads(document.stdout)[0]["title"].startswith("On ")


def test_a_reader_who_has_seen_enough_ends_the_command_quietly(home_of_papers):
    words = [sys.executable, "-m", "assistant", "papers", "list", "--home", home_of_papers]
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


# -- chat -------------------------------------------------------------------------------------------------------------


def test_a_conversation_is_read_from_stdin_and_ends_with_it(run):
    code, out, err = run("chat", "--set", ALWAYS, stdin=f"{QUESTION}\nAnd honey bees?\n/new\nAnd graph colouring?\n")
    assert code == 0
    assert out.count("\nSources:\n") == 3
    assert ">" not in out
    assert "12 papers" in err


def test_a_question_that_cannot_be_asked_does_not_end_the_conversation(run):
    code, out, err = run("chat", "--set", ALWAYS, stdin=f"{'x' * 20_001}\n{QUESTION}\n")
    assert code == 0
    assert "20,001 characters" in err
    assert out.count("\nSources:\n") == 1


def test_an_empty_line_ends_the_conversation(run):
    code, out, _ = run("chat", "--set", ALWAYS, stdin=f"\n{QUESTION}\n")
    assert (code, out) == (0, "")


SLOW = """
import sys, time
import assistant.cli, assistant.models.opening as opening
from assistant.models.scripted import ScriptedChatModel

calls = []

def slowly(messages):
    calls.append(messages)
    while len(calls) == 2:
        print("thinking", file=sys.stderr, flush=True)
        time.sleep(0.1)
    return "no sentence"

opening.open_chat_model = lambda settings: ScriptedChatModel(script=slowly)
import assistant.assistant
assistant.assistant.open_chat_model = opening.open_chat_model
sys.exit(assistant.cli.main(sys.argv[1:]))
"""


def test_a_sentence_is_written_when_it_is_checked_and_ctrl_c_stops_the_next_but_not_the_conversation(home_of_papers):
    words = ["chat", "--home", home_of_papers, "--set", ALWAYS, "--set", "mode=written"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", SLOW, *words], **pipes, text=True) as process:
        # Two sentences answer this.
        process.stdin.write("What does part 3 on sea ice rely on, in which setting, and is its code released?\n")
        process.stdin.flush()
        assert process.stdout.readline().endswith(" [1]\n")
        assert any("thinking" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate("What do honey bees do?\n", timeout=60)
    assert process.returncode == 0, err
    assert "stopped" in err
    assert out.count("\nSources:\n") == 1


# -- batch ------------------------------------------------------------------------------------------------------------


def test_batch_writes_one_record_a_line_in_order_whatever_the_question(run, tmp_path, home_of_papers, open_assistant):
    questions = questions_file(
        tmp_path / "questions.jsonl",
        {"id": "b", "question": QUESTION, "history": [], "note": "ignored"},
        {"id": "a", "question": "And honey bees?", "history": [[QUESTION, "Sea ice relies on surveys. [1]"]]},
        {"id": 3, "question": ""},
        {"id": "long", "question": "x" * 100_000},
        {"id": "surrogate", "question": "\ud800"},
    )
    code, out, err = run("batch", questions, tmp_path / "answers.jsonl", "--set", ALWAYS)
    assert (code, out) == (0, "")
    assert err == f"5 answers in {tmp_path / 'answers.jsonl'}\n"
    records = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records] == ["b", "a", 3, "long", "surrogate"]
    assert [record["status"] for record in records] == ["answered"] * 2 + ["abstained"] * 3
    asked = open_assistant(home_of_papers).ask(QUESTION).to_dict()
    assert all(set(record) == {"id", *asked} for record in records)
    assert "the question is empty" in records[2]["reason"]
    assert QUESTION in records[1]["query"]


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (b'{"id": "a", "question": "x"}\nno json', ["line 2 is no question"]),
        (b'{"question": "x"}', ["line 1 has no 'id'"]),
        (b'{"id": "a"}', ["line 1 has no 'question'"]),
        (b'{"id": "a", "question": null}', ["line 1 is no question", "None is no text"]),
        (b'["a", "x"]', ["line 1 is no question"]),
        (b'{"id": "a", "question": "x", "history": [{"user": "a", "assistant": "b"}]}', ["a turn of history"]),
        (b'{"id": "a", "question": "x", "history": ["ab"]}', ["a turn of history"]),
        (b"[" * 100_000, ["line 1 is no question"]),
        (b"\xff\xfe", ["is not UTF-8"]),
    ],
)
def test_batch_names_the_line_of_a_bad_question_before_it_answers_any(raw, parts, run, tmp_path):
    (tmp_path / "questions.jsonl").write_bytes(raw)
    code, out, err = run("batch", tmp_path / "questions.jsonl", tmp_path / "answers.jsonl")
    assert (code, out) == (1, "")
    assert is_one_line_with(err, str(tmp_path / "questions.jsonl"), *parts)
    assert not (tmp_path / "answers.jsonl").exists()


def test_batch_takes_what_editors_of_other_systems_write(run, tmp_path):
    lines = '{"id": "a", "question": "x"}\r\n\r\n{"id": "\\ud800", "question": "y"}\r\n'
    (tmp_path / "q.jsonl").write_text(lines, encoding="utf-8-sig", newline="")
    assert run("batch", tmp_path / "q.jsonl", tmp_path / "a.jsonl")[0] == 0
    answers = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(answer)["id"] for answer in answers] == ["a", "\ud800"]


def test_batch_never_overwrites_its_questions(run, tmp_path):
    questions = questions_file(tmp_path / "q.jsonl", {"id": "a", "question": "x"})
    (tmp_path / "link.jsonl").hardlink_to(questions)
    before = questions.read_bytes()
    for answers in (questions, tmp_path / "sub" / ".." / "q.jsonl", tmp_path / "link.jsonl"):
        (tmp_path / "sub").mkdir(exist_ok=True)
        code, _, err = run("batch", questions, answers)
        assert code == 1
        assert is_one_line_with(err, "is the file of the questions; name another one")
    assert questions.read_bytes() == before


def test_batch_says_which_file_cannot_be_read_or_written(run, tmp_path):
    questions = questions_file(tmp_path / "q.jsonl", {"id": "a", "question": "x"})
    for answers in (tmp_path, tmp_path / "missing" / "a.jsonl"):
        code, _, err = run("batch", questions, answers)
        assert code == 1
        assert is_one_line_with(err, str(answers), "cannot be written", "name a file in a folder")
    code, _, err = run("batch", tmp_path / "missing.jsonl", tmp_path / "a.jsonl")
    assert code == 1
    assert is_one_line_with(err, "missing.jsonl", "cannot be read", "name a file of questions")
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")  # noqa: PTH110
def test_a_disk_that_is_full_ends_a_batch_with_an_error(run, tmp_path):
    questions = questions_file(tmp_path / "q.jsonl", {"id": "a", "question": "x"})
    code, _, err = run("batch", questions, "/dev/full")
    assert code == 1
    assert is_one_line_with(err, "/dev/full", "cannot be written (No space left on device)")


# -- search, papers, evaluate, doctor, serve --------------------------------------------------------------------------


def test_search_ranks_papers_with_the_sentence_that_fits_best(run):
    code, out, err = run("search", "sea ice", "-k", "2", "--json")
    assert (code, err) == (0, "")
    results = json.loads(out)
    assert [set(result) for result in results] == [{"paper_id", "title", "score", "quote"}] * 2
    assert results[0]["title"].startswith("On sea ice")
    assert results[0]["score"] >= results[1]["score"]
    code, out, _ = run("search", "sea ice", "-k", "2")
    assert code == 0
    assert out.startswith(f" 1. {results[0]['title']}")
    assert f"“{results[0]['quote']}”" in out


def test_papers_are_listed_shown_and_removed(run):
    code, out, _ = run("papers", "list", "--json", "--year", "2003")
    assert code == 0
    (paper,) = json.loads(out)
    assert run("papers", "list", "--year", "2003")[1] == f"{paper['paper_id']}\t2003\t{paper['title']}\n"
    code, out, _ = run("papers", "show", paper["paper_id"])
    assert code == 0
    assert out.startswith(paper["title"])
    assert paper["abstract"] in out
    shown = json.loads(run("papers", "show", paper["paper_id"], "--json")[1])
    assert {name: value for name, value in shown.items() if name != "sources"} == paper
    assert run("papers", "remove", paper["paper_id"]) == (0, "1 removed; 11 papers in the library\n", "")
    assert run("papers", "list", "--year", "2003")[1] == ""


@pytest.mark.parametrize("action", ["show", "remove"])
def test_an_unknown_paper_is_an_error_that_says_where_the_ids_are(action, run):
    code, out, err = run("papers", action, "p0")
    assert (code, out) == (1, "")
    assert is_one_line_with(err, "'p0'", "assistant papers list")


def test_remove_takes_all_papers_that_are_named_or_none(run):
    known = run("papers", "list")[1].split("\t", 1)[0]
    assert run("papers", "remove", known, "p0")[0] == 1
    assert run("papers", "list")[1].count("\n") == 12


@pytest.mark.parametrize(("ending", "start"), [("bib", "@"), ("ris", "TY  - "), ("json", "["), ("jsonl", "{")])
def test_an_export_is_read_back_unchanged_and_goes_to_a_file_or_stdout(run, tmp_path, ending, start):
    file = tmp_path / f"out.{ending}"
    code, out, err = run("papers", "export", file)
    assert (code, out) == (0, "")
    assert err.startswith(f"12 papers written to {file} as ")
    assert file.read_text(encoding="utf-8").startswith(start)
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == [file.name]
    assert run("add", file)[1] == "0 added, 0 updated, 12 unchanged, 0 skipped; 12 papers in the library\n"
    name = err.rsplit(" ", 1)[1].strip()
    assert run("papers", "export", "--format", name)[1].splitlines() == file.read_text(encoding="utf-8").splitlines()


def test_an_export_takes_the_filters_and_names_a_file_that_cannot_be_written(run, tmp_path):
    code, out, _ = run("papers", "export", "--format", "jsonl", "--year", "2003")
    assert (code, json.loads(out)["year"]) == (0, 2003)
    code, out, err = run("papers", "export", tmp_path / "missing" / "out.bib")
    assert (code, out) == (1, "")
    assert is_one_line_with(err, "cannot be written", "No such file")


def test_an_export_never_writes_over_a_file_unless_it_is_told_to(run, tmp_path):
    file = tmp_path / "mine.bib"
    file.write_text("years of work")
    code, out, err = run("papers", "export", file)
    assert (code, out, file.read_text()) == (1, "", "years of work")
    assert is_one_line_with(err, f"{file} is there already", "--force")
    assert run("papers", "export", file, "--force")[0] == 0
    assert file.read_text(encoding="utf-8").count("\n@") == 11


EVALUATED = (
    {"id": "a", "kind": "fact", "question": QUESTION, "answerable": True, "gold_titles": ["x"], "facts": []},
    {"id": "b", "kind": "far", "question": "Who won?", "answerable": False, "gold_titles": [], "facts": []},
)


def test_evaluate_prints_the_measures_by_kind_or_as_json(run, tmp_path):
    questions = questions_file(tmp_path / "q.jsonl", *EVALUATED)
    code, out, err = run("evaluate", "answers", questions, "--json", "--set", NEVER)
    assert (code, err) == (0, "")
    measures = json.loads(out)
    assert (measures["n"], measures["correct"], measures["refused"], measures["false_refusal"]) == (2, 0.5, 1.0, 1.0)
    assert set(measures["kinds"]) == {"fact", "far"}
    assert measures["causes"] == {"library": 1}
    code, out, _ = run("evaluate", "answers", questions, "--failures", "--set", NEVER)
    assert code == 0
    assert [part.split("\n")[0] for part in out.split("\n\n")] == [
        "2 questions", "By kind", "What went wrong in 1 answer", "What other thresholds would give", "a · fact · library",
    ]  # fmt: skip


def test_evaluate_writes_the_same_report_as_markdown(run, tmp_path):
    questions, report = questions_file(tmp_path / "q.jsonl", *EVALUATED), tmp_path / "report.md"
    assert run("evaluate", "answers", questions, "--report", report, "--set", NEVER)[0] == 0
    written = report.read_text(encoding="utf-8")
    assert "## a · fact · library" in written
    code, out, err = run("evaluate", "answers", questions, "--report", tmp_path, "--set", NEVER)
    assert (code, out.split("\n")[0]) == (1, "2 questions")  # the results are not lost
    assert is_one_line_with(err, "cannot be written", "--report")


def test_evaluate_retrieval_measures_a_collection_and_leaves_the_library_alone(run, tmp_path):
    folder = tmp_path / "collection"
    folder.mkdir()
    corpus = [
        {"_id": f"d{n}", "title": f"Paper {n}", "text": f"The {word} is studied."}
        for n, word in enumerate(["bee", "ice", "law"])
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "the ice"}')
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td1\t1\n")
    before = json.loads(run("papers", "list", "--json")[1])
    code, out, err = run("evaluate", "retrieval", folder, "--json", "--run", tmp_path / "x.run")
    assert (code, json.loads(out)["ndcg_at_10"], json.loads(out)["papers"]) == (0, 1.0, 3), err
    assert (tmp_path / "x.run").read_text().startswith("q Q0 d1 1 ")
    code, out, _ = run("evaluate", "retrieval", folder, "--against", tmp_path / "x.run")
    assert code == 0
    assert "1 queries over 3 papers" in out
    assert "difference +0.0000" in out
    assert json.loads(run("papers", "list", "--json")[1]) == before
    code, out, err = run("evaluate", "retrieval", tmp_path / "absent")
    assert (code, out) == (1, "")
    assert "corpus.jsonl" in err


def test_evaluate_says_that_a_file_without_questions_has_none(run, tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n", encoding="utf-8")
    code, out, err = run("evaluate", "answers", empty)
    assert (code, out) == (1, "")
    assert is_one_line_with(err, "holds no question", '{"id": "q1"')


def test_doctor_ends_with_0_when_all_is_well_and_1_with_the_remedy_when_not(run, home_of_papers):
    code, out, err = run("doctor", "--json")
    assert (code, err) == (0, ""), out
    assert all(finding["ok"] for finding in json.loads(out))
    code, out, _ = run("doctor", "--set", "chat_model=/missing.gguf")
    assert code == 1
    assert "BAD  chat model: no model file at /missing.gguf; set chat_model" in out


def test_serve_says_what_is_wrong_with_the_address(run):
    code, _, err = run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - this is refused
    assert code == 1
    assert is_one_line_with(err, "ASSISTANT_TOKEN")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", port)
    assert code == 1
    assert is_one_line_with(err, f"{port}", "--port")


# -- errors that are not the command's ---------------------------------------------------------------------------------


def test_debug_shows_where_an_error_came_from(run):
    from assistant.errors import SettingsError

    with pytest.raises(SettingsError):
        run("--debug", "ask", QUESTION, "--set", "thread=2")


def test_an_interrupted_command_ends_with_130_and_says_that_nothing_is_lost(run, monkeypatch):
    def interrupted(self, texts):
        raise KeyboardInterrupt

    monkeypatch.setattr(HashingEmbeddings, "encode", interrupted)
    code, out, err = run("ask", QUESTION)
    assert (code, out) == (130, "")
    assert "what was done is kept" in err


def test_the_statistics_count_what_is_known_of_the_papers_that_pass(run, home_of_papers):
    code, out, err = run("papers", "list", "--stats", "--year", "2003..2004", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "papers": 2, "years": {"2003": 1, "2004": 1}, "venues": {"EMNLP": 1, "Journal of Trees": 1},
        "known": {"abstract": 2, "summary": 0, "authors": 2, "year": 2, "venue": 2, "url": 0, "doi": 0},
    }  # fmt: skip
    _, out, _ = run("papers", "list", "--stats")
    assert out.startswith("12 papers\n12\twith abstract\n0\twith summary\n")
    assert "\n4\tin EMNLP\n" in out
    assert run("papers", "list", "--stats", "--year", "1990")[1].startswith("0 papers\n")


def test_a_paper_is_shown_with_where_it_is_from(run, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"title": "Bees", "abstract": "We count bees.", "doi": "10.5555/bees"}')
    (tmp_path / "b.jsonl").write_text('{"title": "Bees", "abstract": "We count.", "doi": "10.5555/bees", "year": 2020}')
    run("add", tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    code, out, _ = run("papers", "show", "doi:10.5555/bees")
    assert code == 0
    assert "(abstract, doi, title: from a.jsonl)" in out
    assert "(year: from b.jsonl)" in out
    assert json.loads(run("papers", "show", "doi:10.5555/bees", "--json")[1])["sources"] == {
        "title": "a.jsonl", "abstract": "a.jsonl", "doi": "a.jsonl", "year": "b.jsonl",
    }  # fmt: skip


def test_a_file_whose_records_contradict_one_another_changes_nothing_when_it_is_read_again(run, tmp_path):
    ice = "https://arxiv.org/abs/2105.00018"
    records = [
        {"title": "Counting Bees", "summary": "Bees.", "year": 2020, "doi": "10.5555/b", "url": ice},
        {"title": "Introduction", "abstract": "Ice is cold, and ships are slow in it.", "year": 2020, "url": ice},
        {"title": "Counting Bees", "abstract": "We count bees.", "authors": ["Grace Hopper"], "year": 2021},
    ]
    (tmp_path / "odd.jsonl").write_text("\n".join(map(json.dumps, records)))
    assert run("add", tmp_path / "odd.jsonl")[0] == 0
    for _ in range(2):
        assert run("add", tmp_path / "odd.jsonl")[1].startswith("0 added, 0 updated, 3 unchanged")
