"""Bytes on disk to text: encodings, compression, limits, and what is no text at all."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from assistant.errors import SourceError
from assistant.sources.files import decode, files_below

FRENCH = (
    "Une étude de l’apprentissage profond : les réseaux sont entraînés à prédire où naît l'été, déjà à Besançon. " * 5
)
POLISH = "Badamy modele językowe, które uczą się tłumaczyć zdania między językami słowiańskimi: zażółć gęślą jaźń. " * 5
RUSSIAN = "Мы изучаем языковые модели и их способность переводить тексты между языками, результаты улучшаются. " * 5
JAPANESE = (
    "本論文では、日本語の文書を対象とした検索手法を提案する。実験の結果、提案手法は従来の手法よりも高い精度を示した。"
    * 5
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-32"),
        (FRENCH.replace("’", "'"), "latin-1"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift-jis"),
        (JAPANESE, "utf-16"),
        (JAPANESE, "euc-jp"),
    ],
)
def test_text_is_read_in_the_encoding_it_was_written_in(tmp_path, text, encoding):
    path = tmp_path / "papers.txt"
    path.write_bytes(text.encode(encoding))
    assert decode(path) == text


def test_a_few_broken_bytes_do_not_make_utf_8_another_encoding(tmp_path):
    path = tmp_path / "papers.txt"
    path.write_bytes(FRENCH.encode() + b"\xff" + FRENCH.encode())
    assert decode(path) == f"{FRENCH}\ufffd{FRENCH}"


def test_gzip_is_told_by_its_bytes_and_not_by_its_name(tmp_path):
    packed, plain = tmp_path / "packed.txt", tmp_path / "plain.txt.gz"
    packed.write_bytes(gzip.compress(FRENCH.encode()))
    plain.write_text(FRENCH, encoding="utf-8")
    assert decode(packed) == decode(plain) == FRENCH


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (gzip.compress(b""), "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (FRENCH.encode("utf-16-le"), "binary.*save it as UTF-8"),
        (gzip.compress(FRENCH.encode())[:-20], "gzip file is damaged.*get it again"),
        (gzip.compress(FRENCH.encode())[:4], "gzip file is damaged"),
        (b"\x1f\x8bno gzip at all", "gzip file is damaged"),
        (gzip.compress(FRENCH.encode())[:30] + b"\x00\xff" * 20, "gzip file is damaged"),
    ],
    ids=["empty", "blank", "empty-gzip", "binary", "utf-16-unmarked", "cut", "cut-header", "no-gzip", "torn-gzip"],
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path, data, reason):
    path = tmp_path / "papers.jsonl"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=reason) as raised:
        decode(path)
    assert str(raised.value).startswith(f"{path}: ")


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\n" * (1 << 22)))
    with pytest.raises(SourceError, match="larger than 1 MiB; split it"):
        decode(path, max_bytes=1 << 20)


def test_a_file_that_cannot_be_read_is_an_error_with_the_reason():
    path = Path("/proc/self/mem")  # even root cannot read its first page
    if not path.exists():
        pytest.skip("there is no /proc here")
    with pytest.raises(SourceError, match=r"cannot be read \(Input/output error\); check its permissions"):
        decode(path)


def test_a_folder_gives_its_files_by_name_and_leaves_hidden_ones_out(tmp_path):
    for name in ("b/2.csv", "a.jsonl", "b/1.txt", ".git/config", "b/.hidden.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.relative_to(tmp_path).as_posix() for p in files_below(tmp_path)] == ["a.jsonl", "b/1.txt", "b/2.csv"]


def test_a_hidden_file_that_is_named_is_read(tmp_path):
    (tmp_path / ".papers.txt").touch()
    assert list(files_below(tmp_path / ".papers.txt")) == [tmp_path / ".papers.txt"]


@pytest.mark.parametrize("name", ["missing.txt", "a\x00b", "x" * 5000])
def test_a_path_where_nothing_is_says_so(tmp_path, name):
    with pytest.raises(SourceError, match=r"no such file or folder|File name too long"):
        list(files_below(tmp_path / name))
