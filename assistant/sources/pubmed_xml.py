"""PubMed's XML (https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assistant.papers import Paper, paper_from_record
from assistant.sources.nbib import title_of
from assistant.sources.xml_records import child_text, root_of, text_below, xml_papers

NAME = "pubmed-xml"
SUFFIXES = (".xml",)

_ARTICLES = ("PubmedArticle", "PubmedBookArticle")


def matches(text: str) -> bool:
    """Say whether the document is a set of PubMed's articles."""
    return root_of(text)[0] in ("PubmedArticleSet", *_ARTICLES)


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each article and its paper, or why there is none."""
    return xml_papers(text, _ARTICLES, _paper)


def _paper(article: Element) -> Paper:
    pmid = child_text(article, "MedlineCitation", "PMID") or child_text(article, "BookDocument", "PMID")
    body = article.find("MedlineCitation/Article")
    body = body if body is not None else article.find("BookDocument")
    body = body if body is not None else article
    ids = {e.get("IdType") or e.get("EIdType"): text_below(e) for e in article.iterfind(".//ArticleId")}
    places = {e.get("EIdType"): text_below(e) for e in body.iterfind("ELocationID") if e.get("ValidYN") != "N"}
    return paper_from_record(
        {
            "title": title_of(child_text(body, "ArticleTitle") or child_text(body, "VernacularTitle")),
            "abstract": "\n".join(part for e in body.iterfind("Abstract/AbstractText") if (part := _section(e))),
            "authors": [{"name": _name(author)} for author in body.iterfind("AuthorList/Author")],
            "year": _year(body),
            "venue": child_text(body, "Journal", "Title") or child_text(body, "Book", "BookTitle"),
            "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else "",
            "doi": places.get("doi") or _own(article, ids),
        }
    )


def _own(article: Element, ids: dict[str | None, str]) -> str:
    """Return the article's own DOI: those of its references stand in lists of the same make further down."""
    own = {e.get("IdType"): text_below(e) for e in article.iterfind("PubmedData/ArticleIdList/ArticleId")}
    return (own or ids).get("doi", "")


def _section(element: Element) -> str:
    text, label = text_below(element), element.get("Label") or ""
    return f"{label}: {text}" if text and label and label != "UNLABELLED" else text


def _name(author: Element) -> str:
    given = child_text(author, "ForeName") or child_text(author, "Initials")
    parts = (given, child_text(author, "LastName"), child_text(author, "Suffix"))
    return " ".join(part for part in parts if part) or child_text(author, "CollectiveName")


def _year(body: Element) -> str:
    date = body.find("Journal/JournalIssue/PubDate")
    dates = [date, body.find("ArticleDate"), body.find("Book/PubDate")]
    found = (child_text(d, "Year") or child_text(d, "MedlineDate") for d in dates if d is not None)
    return next((year for year in found if year), "")
