"""How often a right word is taken for another, and how often a slip is mended, with the bundled embedding model.

Usage: python benchmarks/spelling.py HOME RIGHT.jsonl TYPED.jsonl

HOME is a library. RIGHT holds questions on other subjects, whose words are right but mostly not in the library;
TYPED holds questions about the library, into whose words random slips are made. Both have a field ``question``.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from pathlib import Path

from assistant import Assistant
from assistant.words import stem

_NEIGHBOURS = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnm",
        "wa qes wrd etf ryg tuh yij uok ipl ol qsz awdx sefc drgv fthb gyjn hukm jil kop asx zsdc xdfv cfgb vghn bhjm njk"
        .split(),
        strict=True,
    )
)  # fmt: skip


def slip(word, rng):
    """Return the word with two letters changed over, one left out, doubled, or a neighbouring or another vowel."""
    at = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    near = rng.choice("aeiou" if letter in "aeiou" and rng.random() < 0.6 else _NEIGHBOURS[letter])
    return rng.choice(
        [before + after[0] + letter + after[1:], before + after, before + letter + letter + after, before + near + after,
         before + near + letter + after]
    )  # fmt: skip


def questions(path):
    return [json.loads(line)["question"] for line in Path(path).read_text(encoding="utf-8").splitlines()]


def main():
    home, right, typed = sys.argv[1:4]
    rng = random.Random(0)
    with Assistant.open(home) as assistant:
        spelling = assistant.searcher().spelling
        texts = questions(right)
        started = time.perf_counter()
        changed = [
            (a, b) for text in texts for a, b in zip(text.split(), spelling.mend(text).split(), strict=True) if a != b
        ]
        seconds = time.perf_counter() - started
        words = sum(len(text.split()) for text in texts)
        print(f"taken for others: {len(changed)} of {words} words ({len(changed) / words:.4f}): {changed}")
        print(f"{1000 * seconds / len(texts):.1f} ms a question")
        found = [w for text in questions(typed) for w in re.findall(r"(?<![\w-])[a-z]{4,}(?![\w-])", text)]
        slips = [(slip(word, rng), word) for word in found * 2]
        counts = spelling.frequencies([wrong for wrong, _ in slips] + found)
        slips = [(wrong, word) for wrong, word in slips if wrong != word and not counts[wrong] and counts[word]]
        results = [(wrong, word, spelling.mend(wrong)) for wrong, word in slips]
        mended = sum(stem(got) == stem(word) for _, word, got in results)
        wrongly = [r for r in results if r[2] != r[0] and stem(r[2]) != stem(r[1])]
        print(
            f"mended: {mended} of {len(results)} ({mended / len(results):.3f}), wrongly {len(wrongly)}: {wrongly[:20]}"
        )


if __name__ == "__main__":
    main()
