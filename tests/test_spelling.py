"""Questions as people type them: slips are mended, right words and names are not, and nothing typed is an error."""

from __future__ import annotations

import json
import random
from contextlib import closing

import pytest

from assistant import Assistant
from assistant.spelling import Spelling, Vocabulary, papers_to_trust
from vectorstore.lexical import LexicalIndex

WORDS = """autoencoder circuits attention bias better clip decoder detection differ discriminator efficient encoder
experts features generation image images labeled matching medical model module nets notes retrieval retrieve segmentation
sentence species tasks there tree training uniap verification view web""".split()
PIECES = {"mitochondria", "handel", "dose"}  # what the embedding model reads in one piece


def known(words):
    return {word: int(word in WORDS) for word in words}


SPELLING = Spelling(Vocabulary.of(WORDS), known, lambda words: [1 if w in PIECES else 2 for w in words])

MENDED = {
    "waht tasks have rare speceis?": "what tasks have rare species?",
    "the autoencdoer": "the autoencoder",
    "Sentance retreival": "Sentence retrieval",
    "annotation-effecient segmentation": "annotation-efficient segmentation",
    "multi veiw": "multi view",
    "teh bais of labled expets": "the bias of labeled experts",
    "no beter featuers": "no better features",
    "WAHT IS THE BAIS?": "WHAT IS THE BIAS?",
    "is it unipa?": "is it uniap?",
    "Ｓｅｎｔａｎｃｅ": "Sentence",
    "the encoder's discrimnator": "the encoder's discriminator",
}  # fmt: skip


@pytest.mark.parametrize("typed", MENDED)
def test_a_slip_is_mended(typed):
    assert SPELLING.mend(typed) == MENDED[typed]


LEFT = [
    "mitochondria", "handel a dose", "FND-CLPI", "GPT-4o", "iamge2text", "modle.py",
    "What does Modle say", "wiev", "clpi2", "Unipa-CLIP", "encóder", "энкодер", "編碼器", "café", "moddul@web",
    "attension-9", "x", "", "  ", "?!", "don't", "degeneration", "dialysis", "the fusion of Gossipcop and Weibo",
]  # fmt: skip


@pytest.mark.parametrize("typed", LEFT)
def test_names_numbers_other_scripts_and_right_words_stay_as_typed(typed):
    assert SPELLING.mend(typed) == typed


def test_of_two_words_that_may_be_meant_the_slip_is_likelier_and_else_none_is_taken():
    assert SPELLING.mend("ntes") == "nets"  # changed over; "notes" would be a letter left out
    spelling = Spelling(Vocabulary.of(["winter", "wanter"]), known, lambda words: [2] * len(words))
    assert spelling.mend("wunter") == "wunter"


def test_full_width_and_joined_scripts_are_parted():
    assert SPELLING.mend("ＦＮＤ－ＣＬＩＰ") == "FND-CLIP"
    assert SPELLING.mend("什么是ALBEF模型") == "什么是 ALBEF 模型"


def test_a_pasted_text_is_searched_as_it_is():
    text = "the autoencdoer " * 100
    assert SPELLING.mend(text) == text


def test_any_text_can_be_mended():
    rng = random.Random(0)
    for _ in range(300):
        text = "".join(
            rng.choice("aeitnsrlwh bcAZ09-'’@._/?!\u0130ßµ\u3000三🙂\n\t\"") for _ in range(rng.randrange(60))
        )
        assert isinstance(SPELLING.mend(text), str)


def test_in_a_large_library_a_word_of_one_paper_is_not_trusted():
    assert [papers_to_trust(n) for n in (0, 81, 5_000, 59_000)] == [1, 1, 2, 3]


# -- the words of an index --------------------------------------------------------------------------------------------


def test_the_index_keeps_count_of_the_words_as_they_are_written(tmp_path):
    with closing(LexicalIndex(tmp_path / "words.sqlite3")) as index:
        index.add(
            [("a", "", "Encoders", "The encoders encode naïve text2 in 3D.", 1, 0), ("b", "", "Encoders", "No.", 1, 0)]
        )
        assert index.forms() == ["encode", "encoders"]
        assert index.forms(papers=2) == ["encoders"]
        index.remove(["a"])
        assert index.forms() == ["encoders"]


def test_the_words_around_a_text_are_found_in_their_order_only(tmp_path):
    with closing(LexicalIndex(tmp_path / "words.sqlite3")) as index:
        index.add([("a", "", "T", 'It says "no" OR yes* to all.', 1, 0), ("b", "", "T", "All to yes or no.", 1, 0)])
        assert index.containing('"no" OR yes* to') == ["a"]
        assert index.containing("?!") == []


# -- with a library ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled(tmp_path_factory, make_papers, write_jsonl):
    """An assistant with the real embedding model, because only that knows which words are common."""
    folder = tmp_path_factory.mktemp("bundled")
    with Assistant.open(folder / "home", settings={"chat_model": "none"}) as assistant:
        assistant.add(write_jsonl(folder / "papers.jsonl", make_papers(7)))
        yield assistant


def test_the_mended_question_is_searched_and_shown_beside_the_one_typed(bundled):
    answer = bundled.ask("what does the work on protien foldng rely on?")
    assert answer.question == "what does the work on protien foldng rely on?"
    assert answer.query == "what does the work on protein folding rely on?"
    assert "protein folding" in answer.citations[0].title


@pytest.mark.parametrize(
    "typed",
    ["WHAT DOES THE WORK ON SEA ICE RELY ON?", "sea ice approach", "ｓｅａ　ｉｃｅ ａｐｐｒｏａｃｈ", "🙂 sea ice approach 🙂",
     "what???? does the sea ice approach rely on!!!!", "sea\nice\tapproach relies"],
)  # fmt: skip
def test_however_it_is_typed_the_paper_is_found(typed, bundled):
    assert "sea ice" in bundled.ask(typed).citations[0].title


def test_a_pasted_abstract_finds_its_paper(bundled):
    for paper in bundled.library.papers():
        for text in (
            paper.abstract,
            f"{paper.title}\n\n{paper.abstract}\n\nWhat is it about?",
            paper.abstract + " \n" * 5000,
        ):
            assert bundled.ask(text).citations[0].paper_id == paper.paper_id


@pytest.mark.parametrize("typed", ["?", "...", "🙂" * 50, "什么", "the of and", '"' * 999, "[1]", "a" * 9999])
def test_what_says_nothing_is_answered_with_nothing(typed, bundled):
    answer = bundled.ask(typed)
    assert (answer.status, answer.question) == ("abstained", typed)


def test_right_words_of_other_subjects_are_seldom_taken_for_others(bundled, shared):
    lines = (shared / "data" / "pubmedqa" / "qa.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    seed = [
        json.loads(line) for line in (shared / "data" / "seed_papers.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    words = {
        word for paper in seed for word in f"{paper['title']} {paper['abstract']}".lower().split() if word.isalpha()
    }
    frequencies = bundled.index().lexical.document_frequencies
    spelling = Spelling(Vocabulary.of(words), lambda asked: {w: n + (w in words) for w, n in frequencies(asked).items()},
                        bundled.encoder.count_tokens)  # fmt: skip
    before = " ".join(questions).split()
    after = " ".join(map(spelling.mend, questions)).split()
    assert sum(a != b for a, b in zip(before, after, strict=True)) < 0.01 * len(before)
