"""Bytes on disk to text: encodings, compression, limits, and what is no text at all."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from assistant.errors import SourceError
from assistant.sources import Skipped, read_sources
from assistant.sources.files import MAX_BYTES, Document, decode, files_below

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


# -- tar archives -----------------------------------------------------------------------------------------------------


def _line(number):
    return json.dumps({"title": f"On Bees {number}", "abstract": f"We count {number} bees at the hive."}).encode()


def tar_of(members, mode="w:gz"):
    """Return a tar archive of names and bytes; a name with a target in the place of bytes is a link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def read_one(path, data):
    path.write_bytes(data)
    return list(read_sources([path]))


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_archive_is_read_however_it_is_packed_and_named(tmp_path, mode):
    members = [("refs/b.jsonl", _line(1)), ("refs/a.jsonl.gz", gzip.compress(_line(2))), ("._a.jsonl", b"\x00\x05")]
    found = read_one(tmp_path / "odd.name", tar_of(members, mode))
    assert [(paper.title, paper.source) for paper in found] == [
        ("On Bees 1", "b.jsonl"),
        ("On Bees 2", "a.jsonl.gz"),
    ]


def test_archives_in_archives_are_read_three_deep_and_no_deeper(tmp_path):
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("in.tar.gz", tar_of([("a.jsonl", _line(1))]))
    assert [paper.title for paper in read_one(tmp_path / "a.tar", tar_of([("b.zip", zipped.getvalue())]))] == [
        "On Bees 1"
    ]
    deep = tar_of([("a.jsonl", _line(1))])
    for _ in range(3):
        deep = tar_of([("deeper.tar", deep)])
    [skipped] = read_one(tmp_path / "deep.tar", deep)
    assert "archives more than 3 deep" in skipped.reason


def test_no_name_or_link_in_a_tar_archive_leads_out_of_it(tmp_path):
    (tmp_path / "secret.jsonl").write_bytes(_line(7))
    members = [("../../up.jsonl", _line(1)), ("/etc/root.jsonl", _line(2)), ("link.jsonl", "../secret.jsonl")]
    folder = tmp_path / "in"
    folder.mkdir()
    found = read_one(folder / "a.tar.gz", tar_of(members))
    assert [paper.title for paper in found] == ["On Bees 1", "On Bees 2"]
    assert [path.name for path in folder.rglob("*")] == ["a.tar.gz"]


def test_a_packed_tar_bomb_is_refused_before_it_is_unpacked(tmp_path):
    skipped = read_one(tmp_path / "bomb.tgz", tar_of([("zeros.txt", bytes(80 << 20)), ("a.jsonl", _line(1))]))
    assert len(skipped) == 2  # the member, and the archive behind it
    assert all(item.reason.startswith("unpacks to more than 200 times its size") for item in skipped)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_a_header_that_claims_more_than_any_memory_is_refused(tmp_path, kind):
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 1 << 40
    [skipped] = read_one(tmp_path / "a.tar", header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    assert "as only a bomb does" in skipped.reason


def test_a_broken_tar_archive_gives_what_stands_before_the_break_and_says_so(tmp_path):
    whole = tar_of([(f"{n}.jsonl", _line(n)) for n in range(4)], "w:")
    *papers, member, archive = read_one(tmp_path / "cut.tar", whole[: 5 * 512 + 20])
    assert [paper.title for paper in papers] == ["On Bees 0", "On Bees 1"]
    assert (member.source, archive.source) == (str(tmp_path / "cut.tar" / "2.jsonl"), str(tmp_path / "cut.tar"))
    assert "damaged (unexpected end of data); get it again" in member.reason
    assert "tar file is damaged" in archive.reason
    cut = tar_of([("a.jsonl", _line(1) * 2)])[:-30]
    assert all(isinstance(item, Skipped) for item in read_one(tmp_path / "cut.tgz", cut))


def test_a_tar_archive_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.sources.files._MEMBERS", 2)
    *papers, skipped = read_one(tmp_path / "many.tar", tar_of([(f"{n}.jsonl", _line(n)) for n in range(4)]))
    assert len(papers) == 3
    assert "more than 2 files" in skipped.reason


@pytest.mark.parametrize("around", ["García and Müller wrote of bees.", "Plain letters."])
def test_a_damaged_piece_of_a_long_file_is_read_as_the_others_are(tmp_path, monkeypatch, around):
    monkeypatch.setattr(Document.pieces, "__defaults__", (1_000, MAX_BYTES))
    texts = [around] * 20 + ["Müller alone wrote this."] + [around] * 20
    lines = [json.dumps({"title": f"Paper {n}", "abstract": text}, ensure_ascii=False) for n, text in enumerate(texts)]
    data = "\n".join(lines).encode().replace(b"alone", b"al\xffone")
    (tmp_path / "long.jsonl").write_bytes(data)
    abstracts = [paper.abstract for paper in read_sources([tmp_path / "long.jsonl"])]
    if around.isascii():  # nothing tells what it is written in
        assert abstracts[:20] + abstracts[21:] == [around] * 40
    else:
        assert abstracts == [text.replace("alone", "al\ufffdone") for text in texts]
