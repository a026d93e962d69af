"""How many broken claims pass the claim checker, and how many true ones.

    python benchmarks/grounding.py ../shared/data/seed_papers.jsonl [--show]
    python benchmarks/grounding.py ../shared/data/acl/corpus.jsonl.gz --sample 500 --seed 1

Broken: sentences of the abstracts with one thing swapped that makes them wrong: a number, a name for another of the same
abstract, a direction (higher/lower), a negation put in or taken out. True: the same sentences shortened (without what
stands in brackets, without the opening phrase, without the last clause) and reworded (the authors for we, other verbs).
"""

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from pathlib import Path

from harder import harder_cases

from assistant.grounding import check_claim, names
from assistant.sentences import split_sentences
from assistant.text import fold, one_line, readable

OPPOSITES = [("higher", "lower"), ("increase", "decrease"), ("increases", "decreases"), ("improve", "reduce"),
             ("improves", "degrades"), ("improving", "degrading"), ("outperforms", "underperforms"), ("better", "worse"),
             ("more", "fewer"), ("faster", "slower"), ("reduces", "increases"), ("reducing", "increasing"), ("larger", "smaller"),
             ("best", "worst"), ("lower", "higher"), ("less", "more"), ("outperform", "underperform"), ("reduce", "increase"),
             ("smaller", "larger"), ("fewer", "more"), ("superior", "inferior"), ("exceeds", "falls below")]  # fmt: skip
VERBS = [("propose", "introduce"), ("proposes", "introduces"), ("demonstrate", "show"), ("show", "demonstrate"),
         ("present", "describe"), ("presents", "describes"), ("utilize", "use"), ("achieves", "reaches"), ("obtain", "get")]  # fmt: skip
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


def swap_number(sentence, rng, others):
    found = list(NUMBER.finditer(sentence))
    for match in rng.sample(found, len(found)):
        own = [m.group() for m in found if m.group() != match.group()]
        for wrong in [*rng.sample(own, len(own)), str(round(float(match.group()) * 1.5 + 1, 2)).removesuffix(".0")]:
            broken = sentence[: match.start()] + wrong + sentence[match.end() :]
            if sorted(NUMBER.findall(broken)) != sorted(NUMBER.findall(sentence)) or broken != sentence:
                yield broken
            break


def exchange_numbers(sentence, rng, others):
    found = list(NUMBER.finditer(sentence))
    if len(found) >= 2 and found[0].group() != found[1].group():
        a, b = found[0], found[1]
        yield sentence[: a.start()] + b.group() + sentence[a.end() : b.start()] + a.group() + sentence[b.end() :]


def swap_name(sentence, rng, others):
    own = [m for m in re.finditer(r"[\w\-^]+", sentence) if fold(m.group()) in names(sentence)]
    pool = sorted(n for n in others if fold(n) not in fold(sentence))
    if own and pool:
        match = rng.choice(own)
        yield sentence[: match.start()] + rng.choice(pool) + sentence[match.end() :]


def turn_around(sentence, rng, others):
    for one, other in OPPOSITES:
        if re.search(rf"\b{one}\b", sentence):
            yield re.sub(rf"\b{one}\b", other, sentence, count=1)
            return


def negate(sentence, rng, others):
    for pattern, put in (
        (r"\b(is|are|was|were|can|could|does|do|did|has|have)\b(?! not)", r"\1 not"),
        (r"(?<!not )\b(outperforms|achieves|improves|reduces|requires|provides|enables|shows) ", r"does not \1 "),
    ):
        if re.search(pattern, sentence):
            yield re.sub(pattern, put, sentence, count=1)
            break
    if re.search(r"\b(does not|do not|is not|are not|cannot|without)\b", sentence):
        yield re.sub(
            r"\b(does|do|is|are) not\b", r"\1", sentence.replace("cannot", "can").replace("without", "with"), count=1
        )


def shortened(sentence):
    bare = re.sub(r"\s*\([^()]*\)", "", sentence)
    if bare != sentence:
        yield "no brackets", bare
    opening = re.match(r"^[^,]{3,40}, (?=[a-z])", sentence)
    if opening:
        rest = sentence[opening.end() :]
        yield "no opening", rest[0].upper() + rest[1:]
    head, comma, tail = sentence.rpartition(", ")
    if comma and len(head.split()) >= 8 and len(tail.split()) >= 3 and not re.match(r"(and|or|respectively)\b", tail):
        yield "no last clause", head + "."


def reworded(sentence):
    changed = re.sub(r"\b[Ww]e\b", "the authors", sentence)
    changed = re.sub(r"\bour\b", "their", re.sub(r"\bOur\b", "Their", changed))
    for one, other in VERBS:
        if re.search(rf"\b{one}\b", changed):
            changed = re.sub(rf"\b{one}\b", other, changed, count=1)
            break
    if changed != sentence:
        yield "reworded", changed[0].upper() + changed[1:]


def cases(papers, rng):
    """Yield (kind, claim, quote, title), broken kinds first in their names."""
    for paper in papers:
        names_here = sorted(
            {w for w in re.findall(r"[\w\-^]+", paper["abstract"]) if fold(w) in names(paper["abstract"])}
        )
        for span in split_sentences(paper["abstract"]):
            quote = readable(span.of(paper["abstract"]))
            for breaker in (swap_number, exchange_numbers, swap_name, turn_around, negate):
                for claim in breaker(quote, rng, names_here):
                    if claim != quote:
                        yield f"broken: {breaker.__name__}", claim, quote, paper["title"]
            for kind, claim in (*shortened(quote), *reworded(quote)):
                yield f"true: {kind}", claim, quote, paper["title"]


def sentences(abstract):
    return [readable(span.of(abstract)) for span in split_sentences(abstract)]


def read_papers(path, sample=None, seed=0):
    """Return papers with title and abstract; a corpus in BEIR's layout has the abstract under "text"."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    if sample:
        records = random.Random(seed).sample(
            [r for r in records if len(r.get("text") or r.get("abstract", "")) > 300], sample
        )
    return [{"title": r["title"], "abstract": one_line(r.get("abstract") or r["text"])} for r in records]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path)
    parser.add_argument("--threshold", type=float, default=0.7, help="the setting support_threshold (default: 0.7)")
    parser.add_argument("--sample", type=int, help="take so many papers, chosen by the seed")
    parser.add_argument("--seed", type=int, default=0, help="which papers are taken (default: 0)")
    parser.add_argument("--show", action="store_true", help="show what went wrong")
    args = parser.parse_args()
    papers = read_papers(args.papers, args.sample, args.seed)
    passed = defaultdict(list)
    for kind, claim, quote, title in (
        *cases(papers, random.Random(0)),
        *harder_cases(papers, sentences, random.Random(0)),
    ):
        support = check_claim(claim, quote, title)
        passes = support.score >= args.threshold
        passed[kind].append(passes)
        if args.show and passes != kind.startswith("true"):
            print(f"{kind}  {support.reason}\n    {claim}\n    {quote}")
    for group in ("broken", "unrelated", "true"):
        kinds = [k for k in passed if k.startswith(group)]
        for kind in sorted(kinds):
            print(f"{kind:28} {len(passed[kind]):5}  {sum(passed[kind]) / len(passed[kind]):.3f} pass")
        everything = [p for k in kinds for p in passed[k]]
        print(f"{group:28} {len(everything):5}  {sum(everything) / len(everything):.3f} pass")


if __name__ == "__main__":
    main()
