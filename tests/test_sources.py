"""Files on the way to papers: which reader, what is skipped, and the user's own page."""

from __future__ import annotations

import gzip
import json

import pytest

from assistant.assistant import Assistant
from assistant.errors import SettingsError, SourceError
from assistant.papers import Paper
from assistant.sources import Skipped, read_sources, readers

GOOD = {"title": "Late Interaction", "abstract": "One vector a token."}
OTHER = {"title": "Dense Retrieval", "abstract": "One vector a passage."}


def lines(*records):
    return "\n".join(json.dumps(record) for record in records)


@pytest.fixture
def read(tmp_path):
    """Return ``read(name=text, …)``: what the sources give for a folder of these files."""

    def read_files(format_name=None, **files):
        for name, text in files.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(read_sources([tmp_path], format_name))

    return read_files


def test_every_reader_of_the_folder_is_known_by_name():
    assert {"csv", "jsonl", "listing"} <= set(readers())


def test_the_format_is_told_by_name_and_content(read):
    found = read(a_jsonl=lines(GOOD), b_csv="title,abstract\nT,A.", c_txt=lines(OTHER), d="title;abstract\nU;A.")
    assert [paper.title for paper in found] == ["Late Interaction", "T", "Dense Retrieval", "U"]


def test_a_packed_file_is_told_by_the_name_under_its_gz(read):
    [skipped] = read(a_csv_gz=gzip.compress(b"name,text\nT,A."))
    assert skipped.reason.startswith("the first line is no header that names the columns title and abstract; ")


def test_a_file_that_is_broken_in_the_format_of_its_name_says_on_which_line(read):
    [skipped] = read(a_jsonl="{broken")
    assert (skipped.line, skipped.reason.partition(":")[0]) == (1, "not JSON")


def test_a_format_that_is_named_is_used_whatever_the_file_looks_like(read):
    [skipped] = read("csv", a_jsonl=lines(GOOD))
    assert "no header" in skipped.reason


def test_a_format_that_does_not_exist_names_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match="no format 'json'; did you mean 'jsonl'"):
        read_sources([tmp_path], "json")


def test_one_bad_file_does_not_hide_the_others(read):
    found = read(a_bin=b"\x00\x01", b_jsonl=lines(GOOD), c_txt=b"", d_odd="nothing here")
    assert [type(item) for item in found] == [Skipped, Paper, Skipped, Skipped]
    assert [item.reason.split(";")[0] for item in found if isinstance(item, Skipped)] == [
        "the file is binary, not text",
        "the file is empty",
        "the format was not recognised",
    ]


def test_a_missing_path_is_an_error_before_anything_is_read(tmp_path):
    (tmp_path / "good.jsonl").write_text(lines(GOOD))
    with pytest.raises(SourceError, match="no such file or folder"):
        read_sources([tmp_path / "good.jsonl", tmp_path / "missing.jsonl"])


def test_every_record_says_its_source_and_records_of_one_paper_in_one_file_are_told_apart(read):
    found = read(
        a_jsonl=lines(GOOD, OTHER, GOOD | {"abstract": "Other words."}), b_jsonl=lines(GOOD | {"venue": "ACL"})
    )
    assert [paper.source for paper in found] == ["a.jsonl", "a.jsonl", "a.jsonl (2)", "b.jsonl"]


def test_how_many_files_of_a_folder_are_read_is_told(tmp_path):
    told = []
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_text(lines(GOOD))
    assert len(list(read_sources([tmp_path], told=lambda *step: told.append(step)))) == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    list(read_sources([tmp_path / "a.jsonl"], told=lambda *step: told.append(step)))
    assert len(told) == 3


def test_the_page_gives_exactly_the_papers_on_it(shared):
    wanted = [json.loads(line) for line in (shared / "data/seed_papers.jsonl").read_text(encoding="utf-8").splitlines()]
    found = list(read_sources([shared / "data/seed_page.txt"]))
    assert len(wanted) == 81
    assert [{"title": paper.title, "abstract": paper.abstract} for paper in found] == wanted


def test_adding_the_page_again_changes_and_embeds_nothing(shared, tmp_path):
    with Assistant.open(tmp_path / "home", settings={"chat_model": "none"}) as assistant:
        first = assistant.add(shared / "data/seed_page.txt")
        assert (first.added, first.updated, first.unchanged, first.skipped, first.papers) == (81, 0, 0, (), 81)
        assert first.embedded >= 81
        second = assistant.add(shared / "data/seed_page.txt")
        assert (second.added, second.updated, second.unchanged, second.skipped) == (0, 0, 81, ())
        assert second.embedded == 0
        assert assistant.search("a Turkish BERT model", k=1)[0].title.startswith(
            "Fine-tuning Transformer-based Encoder"
        )
