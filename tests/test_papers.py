"""Records of sources become papers with an identity that does not depend on the source."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.papers import Paper, RecordError, paper_from_record, title_key

RECORD = {"title": "Late Interaction", "abstract": "One vector a token."}


def record(**fields):
    return paper_from_record(RECORD | fields)


def test_title_and_abstract_are_enough():
    paper = record()
    assert (paper.title, paper.abstract, paper.authors, paper.year) == (*RECORD.values(), (), None)
    assert paper.kind == "abstract"


def test_fields_are_found_under_the_names_of_other_tools_in_any_case():
    paper = paper_from_record(
        {"Title": "T", " TEXT ": "A.", "Author": "Ada Byron", "Journal": "J", "Link": "https://x.y"}
    )
    assert (paper.abstract, paper.authors, paper.venue, paper.url) == ("A.", ("Ada Byron",), "J", "https://x.y")


def test_fields_below_metadata_count_and_those_above_go_first():
    paper = record(metadata={"year": 2001, "venue": "ACL", "title": "another"})
    assert (paper.year, paper.venue, paper.title) == (2001, "ACL", "Late Interaction")


def test_an_empty_field_lets_the_next_name_speak():
    paper = record(year=None, date="2021-05-04", venue="  ", journal="TACL", authors="", author="Ada Byron")
    assert (paper.year, paper.venue, paper.authors) == (2021, "TACL", ("Ada Byron",))


def test_a_summary_is_marked_as_one():
    assert paper_from_record({"title": "T", "summary": "In other words."}).kind == "summary"
    assert record(kind="summary").kind == "summary"
    assert record(summary="In other words.").abstract == "One vector a token."
    assert paper_from_record({"title": "T", "abstract": " \n", "summary": "In other words."}).kind == "summary"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": ""}, "no title"),
        ({"title": " \u200b\n"}, "no title"),
        ({"abstract": ""}, "no abstract"),
        ({"abstract": "\u200b\t"}, "no abstract"),
        ({"abstract": None}, "no abstract"),
        ({"title": 1984}, "field 'title' is int, not text"),
        ({"abstract": ["a"]}, "field 'abstract' is list, not text"),
        ({"authors": 7}, "field 'authors' is int, not text or a list"),
    ],
)
def test_a_record_that_is_no_paper_says_why(fields, reason):
    with pytest.raises(RecordError, match=reason):
        record(**fields)


def test_a_paper_needs_words_in_title_and_abstract():
    with pytest.raises(ValueError, match="title and an abstract"):
        Paper(title=" ", abstract="One vector a token.")


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (2021, 2021),
        ("2021", 2021),
        (2021.0, 2021),
        ("2021-05-04T00:00:00Z", 2021),
        ("May 2021", 2021),
        ("c2021a", 2021),
        ("20210504", None),
        (1620000000, None),
        ("forthcoming", None),
        (True, None),
        (None, None),
        ([[[2021]]], None),
    ],
)
def test_the_year_is_found_in_what_people_write(value, year):
    assert record(year=value).year == year


@pytest.mark.parametrize(
    "authors",
    [
        ["Ada Byron", "Émile Côté"],
        "Ada Byron; Émile Côté",
        "Ada Byron and Émile Côté",
        [{"name": "Ada Byron"}, {"name": "Émile Côté"}],
        [{"given": "Ada", "family": "Byron"}, {"first": "Émile", "last": "Côté"}],
        ["Ada Byron", None, "", {}, 3, " Émile\nCôté "],
    ],
    ids=str,
)
def test_authors_are_read_from_every_form(authors):
    assert record(authors=authors).authors == ("Ada Byron", "Émile Côté")


@pytest.mark.parametrize(
    "doi",
    [
        "10.1162/tacl.a",
        "https://doi.org/10.1162/tacl.a",
        "http://dx.doi.org/10.1162/TACL.A",
        "doi: 10.1162/tacl.a.",
        "10.1162/tacl\u200b.a",
    ],
)
def test_the_same_doi_is_the_same_paper_however_it_is_written(doi):
    assert record(doi=doi).paper_id == "doi:10.1162/tacl.a"


def test_a_doi_can_stand_in_the_address():
    assert record(url="https://doi.org/10.1162/tacl.a").doi == "10.1162/tacl.a"


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "https://arxiv.org/abs/2004.12832v2"},
        {"url": "http://arxiv.org/pdf/2004.12832"},
        {"url": "arXiv:2004.12832"},
        {"doi": "10.48550/arXiv.2004.12832"},
    ],
)
def test_address_and_doi_of_arxiv_name_the_same_paper(fields):
    assert record(**fields).paper_id == "arxiv:2004.12832"


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "https://aclanthology.org/P19-1001/"},
        {"url": "https://aclanthology.org/P19-1001.pdf"},
        {"doi": "10.18653/v1/P19-1001"},
        {"doi": "https://doi.org/10.18653/v1/p19-1001"},
        {"doi": "10.18653/v1/P19-9999", "url": "https://aclanthology.org/P19-1001"},
    ],
)
def test_address_and_doi_of_the_acl_anthology_name_the_same_paper(fields):
    assert record(**fields).paper_id == "acl:p19-1001"


def test_without_a_register_title_and_first_author_name_the_paper():
    one = record(authors="Ada Byron; Émile Côté", year=2020)
    assert one.paper_id == record(title="late  interaction!", authors=["Byron, Ada"], year=2021).paper_id
    assert one.paper_id != record(authors="Émile Côté").paper_id
    assert record(year=2020).paper_id != record(year=2021).paper_id


def test_ids_never_change():
    assert record().paper_id == "t:b4b462932475"
    assert record(authors="Ada Byron").paper_id == "t:8e0049211b06"


def test_titles_without_letters_are_told_apart():
    assert title_key("C++?!") == "c"
    assert record(title="???").paper_id != record(title="!!!").paper_id


def test_the_content_hash_tells_every_field_but_the_id():
    paper = record(authors="Ada Byron", year=2020, venue="ACL", url="https://x.y", doi="10.1234/x")
    other = {
        "title": "T",
        "abstract": "A",
        "authors": ("B",),
        "year": 1,
        "venue": "V",
        "url": "U",
        "doi": "D",
        "kind": "summary",
    }
    hashes = {replace(paper, **{name: value}).content_hash for name, value in other.items()}
    assert len(hashes | {paper.content_hash}) == len(other) + 1
    assert replace(paper, paper_id="x").content_hash == paper.content_hash


def test_lone_surrogates_nowhere_stop_a_paper_from_being_written():
    paper = record(
        title="a\ud800b",
        abstract="c\udfffd.",
        authors=["e\ud800f"],
        venue="g\ud800h",
        url="i\ud800j",
        doi="10.1234/\ud800x",
    )
    assert str(paper.to_dict()).encode()
    assert paper.content_hash
