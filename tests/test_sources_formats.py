"""Every format: a sample in its tools' shape is read exactly, told by its content, and no input does harm."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.papers import Paper
from assistant.sources import Skipped, read_sources, readers

SAMPLES = Path(__file__).parent / "formats"
READ = json.loads((Path(__file__).parent / "formats_read.json").read_text(encoding="utf-8"))
ROWS = [
    {"Title": "Counting Honey Bees", "Abstract": "We count honey bees.", "Authors": "Byron, Ada; Côté, Émile", "Year": 2021},
    {"Title": "A Book without an Abstract", "Abstract": None, "Authors": None, "Year": 1999},
]  # fmt: skip
GERMAN = {"title": "Titel", "abstract": "Zusammenfassung", "authors": "Autoren", "year": "Jahr"}
FORMATS = {
    "acl_anthology.xml": "acl-xml", "article.html": "html", "arxiv_api.xml": "arxiv-atom",
    "arxiv_kaggle.json": "arxiv-json", "arxiv_oai.xml": "oai-pmh", "beir.jsonl": "jsonl", "crossref.json": "crossref",
    "csl.json": "csl-json", "endnote.xml": "endnote-xml", "huggingface_daily.json": "huggingface-json",
    "huggingface_papers.html": "html", "listing.html": "html", "note.md": "markdown", "openalex.json": "openalex",
    "page.txt": "listing", "papers.json": "jsonl", "pubmed.nbib": "nbib", "pubmed.xml": "pubmed-xml",
    "reading_list.md": "markdown", "references.ris": "ris", "scholar.enw": "refer",
    "semantic_scholar.jsonl": "semantic-scholar", "web_of_science.tsv": "csv", "wos.txt": "wos", "zotero.bib": "bibtex",
    "zotero.csv": "csv", "zotero.json": "zotero-json", "zotero.rdf": "zotero-rdf",
}  # fmt: skip


def plain(item):
    """Return a paper or what was skipped as JSON values, without what is empty."""
    if isinstance(item, Skipped):
        return {"line": item.line, "reason": item.reason}
    fields = {name: value for name, value in item.to_dict().items() if value not in ("", [], None)}
    return fields if item.kind == "summary" else {k: v for k, v in fields.items() if k != "kind"}


def read(path, *args, **named):
    return [plain(item) for item in read_sources([path], *args, **named)]


def workbook():
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet():
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), out)
    return out.getvalue()


def pdf(lines=("Counting Honey Bees", "Ada Byron", "Abstract", "We count honey bees at the entrance of forty hives.")):
    """Return a PDF of one page, its first line in larger letters."""
    text = "BT 72 720 Td " + "".join(
        f"/F1 {18 if n == 0 else 10} Tf ({line}) Tj 0 -24 Td " for n, line in enumerate(lines)
    )
    stream = f"{text} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table, len(out),
    )  # fmt: skip


BINARY = {"xlsx": workbook, "parquet": parquet, "pdf": pdf}


def test_every_sample_has_an_expectation_and_every_format_a_sample():
    assert {path.name for path in SAMPLES.iterdir()} == set(READ)
    assert {*FORMATS.values(), *BINARY} == set(readers())


@pytest.mark.parametrize("name", READ)
def test_a_sample_is_read_exactly(name):
    assert read(SAMPLES / name) == READ[name]


@pytest.mark.parametrize("ending", ["", ".dat", ".csv", ".txt", ".bib"])
@pytest.mark.parametrize("name", FORMATS)
def test_the_format_is_told_by_the_content_whatever_the_name(tmp_path, name, ending):
    shutil.copy(SAMPLES / name, path := tmp_path / f"papers{ending}")
    assert read(path) == READ[name]


@pytest.mark.parametrize(("name", "format_name"), FORMATS.items())
def test_a_format_that_is_named_is_the_one_that_is_told(name, format_name):
    assert read(SAMPLES / name, format_name) == READ[name]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda d: gzip.compress(bz2.compress(d))])
@pytest.mark.parametrize("name", FORMATS)
def test_packed_files_are_read_alike(tmp_path, name, pack):
    (path := tmp_path / "papers").write_bytes(pack((SAMPLES / name).read_bytes()))
    assert read(path) == READ[name]


def test_an_archive_holds_any_of_them_and_says_where_it_skipped_what(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in FORMATS:
            archive.writestr(f"../../{name}", (SAMPLES / name).read_bytes())
    found = list(read_sources([tmp_path / "all.zip"]))
    assert [plain(item) for item in found] == [row for name in sorted(FORMATS) for row in READ[name]]
    assert all("all.zip" in item.source for item in found if isinstance(item, Skipped))
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


@pytest.mark.parametrize("name", ["xlsx", "parquet"])
def test_tables_in_binary_files_are_read_like_those_in_text(tmp_path, name):
    (path := tmp_path / "papers").write_bytes(BINARY[name]())
    paper, skipped = read_sources([path])
    assert (paper.title, paper.abstract, paper.year) == ("Counting Honey Bees", "We count honey bees.", 2021)
    assert paper.authors == ("Ada Byron", "Émile Côté")
    assert skipped.reason == "no abstract"


def test_a_pdf_gives_the_title_and_the_abstract_of_its_first_page(tmp_path):
    (path := tmp_path / "paper").write_bytes(pdf())
    [paper] = read_sources([path])
    assert paper.title == "Counting Honey Bees"
    assert paper.abstract == "We count honey bees at the entrance of forty hives."


def test_columns_that_the_user_names_are_read():
    [paper] = read_sources([SAMPLES / "german.csv"], columns=GERMAN)
    assert (paper.title, paper.abstract, paper.authors, paper.year) == (
        "Bienen zählen", "Wir zählen Bienen.", ("Ada Byron",), 2021,
    )  # fmt: skip


def bomb(depth):
    data = b"title,abstract\nT,A.\n"
    for _ in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", data)
        data = out.getvalue()
    return data


def zeros():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (80 << 20))
    return out.getvalue()


def test_a_damaged_member_of_an_archive_does_not_hide_the_others(tmp_path):
    with zipfile.ZipFile(path := tmp_path / "all.zip", "w") as archive:
        for name in ("a.csv", "b.csv", "c.csv"):
            archive.writestr(name, "title,abstract\nT,A.\n")
    path.write_bytes(path.read_bytes().replace(b"b.csv", b"x.csv", 1))  # its own header names it differently
    first, damaged, last = read_sources([path])
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert damaged.source == str(path / "b.csv")
    assert "file is damaged" in damaged.reason


LAUGHS = '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE feed [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2105.00017</id><title>T</title>'
    "<summary>We count &b; bees.</summary></entry></feed>"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(5), "archives more than 3 deep"),
        (zeros(), "more than 200 times its size"),
        (gzip.compress(b"0" * (80 << 20)), "more than 200 times its size"),
        (bomb(1)[:-30], "zip file is damaged"),
        ((LAUGHS + FEED).encode(), "entit"),
        ((FILE + FEED).encode(), "entit"),
        (b"<feed>" + b"<a>" * 100_000, ""),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>" + b"<b>" * 5_000, "deep"),
        (b"[" * 100_000, ""),
        (pdf()[:300], ""),
        (parquet()[:-9], ""),
        (workbook()[:-40], "damaged"),
    ],
    ids=["zips", "zip-bomb", "gzip-bomb", "cut-zip", "laughs", "entity-file", "open-tags", "deep-xml", "deep-json", "cut-pdf", "cut-parquet", "cut-xlsx"],
)  # fmt: skip
def test_what_means_harm_or_is_damaged_is_skipped_with_file_and_reason(tmp_path, data, reason):
    (tmp_path / "a").write_bytes(data)
    shutil.copy(SAMPLES / "beir.jsonl", tmp_path / "b")
    *bad, good = read_sources([tmp_path])
    assert isinstance(good, Paper)
    assert bad
    assert all(isinstance(item, Skipped) and item.reason and str(tmp_path / "a") in item.source for item in bad)
    assert reason in bad[0].reason
    assert "root:" not in str(bad)


_TEXTS = [(SAMPLES / name).read_bytes() for name in FORMATS]
_BYTES = [*_TEXTS, *(make() for make in BINARY.values())]
_ODD = st.sampled_from([b"\x00", b"\xff", b"\n", b'"', b"{", b"}", b"<", b"&", b"[" * 300, b"\\", b"@", b"  - ", b"$"])


@st.composite
def mangled(draw):
    """Bytes of a sample, cut, with parts left out, twice or replaced."""
    data = draw(st.sampled_from(_BYTES))
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        middle = draw(st.one_of(_ODD, st.binary(max_size=8), st.just(data[start:end] * 2), st.just(b"")))
        data = data[:start] + middle + data[min(end, start + 40) :]
    return data


@settings(deadline=5000, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.one_of(mangled(), st.binary(max_size=200)), st.sampled_from([None, *readers()]))
@example(b"\x00", "pdf")
@example(b"<html><body><![CDATADATA[ x ]]><p>Bees</p>", "html")
def test_no_input_ends_in_an_exception_and_every_refusal_has_a_reason(tmp_path, data, format_name):
    (path := tmp_path / "fuzzed").write_bytes(data)
    for item in read_sources([path], format_name):
        if isinstance(item, Skipped):
            assert item.source.startswith(str(path))
            assert item.line >= 0
            assert item.reason
            assert "\n" not in item.reason
        else:
            assert item.title == item.title.strip()
            assert item.abstract.strip()
