"""How the claim checker judges claims that people wrote about medical abstracts: SciFact and HealthVer.

    python benchmarks/claims.py ../shared/data [--checker FOLDER] [--limit N]

Supported claims against contradicted ones and those that the evidence does not settle. SciFact: the evidence sentences
of the cited abstract, or, where there are none, the sentence that shares most words with the claim. HealthVer: its own
pairs. These claims are new wordings, not shortened quotes, so rules let few of them pass: what counts is that those
that pass are supported (precision).
"""

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

from assistant.grounding import check_claim, check_with_both
from assistant.sentences import split_sentences
from assistant.words import stems


def lines(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def scifact(data):
    """Yield (claim, evidence, title, label)."""
    corpus = {doc["_id"]: doc for doc in lines(data / "beir/scifact/corpus.jsonl.gz")}
    for claim in lines(data / "beir/scifact/claims_train.jsonl"):
        for evidence in claim["evidence"]:
            doc = corpus[evidence["doc_id"]]
            spans = split_sentences(doc["text"])
            said = [spans[n].of(doc["text"]) for n in evidence["sentences"] if n < len(spans)]
            if said:
                yield claim["claim"], " ".join(said), doc["title"], evidence["label"]
        if not claim["evidence"] and claim["cited_doc_ids"][0] in corpus:
            doc = corpus[claim["cited_doc_ids"][0]]
            sentences = [span.of(doc["text"]) for span in split_sentences(doc["text"])]
            nearest = max(sentences, key=lambda s: len(stems(s) & stems(claim["claim"])))
            yield claim["claim"], nearest, doc["title"], "NOT_ENOUGH_INFO"


def healthver(data):
    for pair in lines(data / "healthver/qa.jsonl.gz"):
        yield pair["claim"], pair["evidence"], "", pair["label"]


def area_under_the_curve(scores, positive):
    """The chance that a supported claim scores higher than another, ties counted half."""
    ups = [s for s, p in zip(scores, positive, strict=True) if p]
    downs = Counter(s for s, p in zip(scores, positive, strict=True) if not p)
    total = sum(n * ((up > down) + 0.5 * (up == down)) for up in ups for down, n in downs.items())
    return total / (len(ups) * sum(downs.values()))


def report(name, judged, threshold):
    positive = [label == "SUPPORT" for label, _ in judged]
    scores = [score for _, score in judged]
    passed = [score >= threshold for score in scores]
    right = sum(p and y for p, y in zip(passed, positive, strict=True))
    recall = right / sum(positive)
    wrong = sum(p and not y for p, y in zip(passed, positive, strict=True)) / (len(positive) - sum(positive))
    contradicted = sum(p and label == "CONTRADICT" for p, (label, _) in zip(passed, judged, strict=True))
    precision = right / max(1, sum(passed))
    print(f"{name:10} n {len(judged):5}  AUC {area_under_the_curve(scores, positive):.3f}  balanced accuracy {(recall + 1 - wrong) / 2:.3f}  "
          f"precision {precision:.3f}  recall {recall:.3f}  pass {sum(passed)}, contradicted {contradicted}")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--checker", help="a folder as for the setting claim_checker")
    parser.add_argument("--limit", type=int, help="judge only so many")
    parser.add_argument("--show", action="store_true", help="show what passes though it is not supported")
    args = parser.parse_args()
    check = check_claim
    if args.checker:
        from assistant.models.entailment import EntailmentChecker

        check = check_with_both(check_claim, EntailmentChecker(Path(args.checker)).check)
    for name, source in (("SciFact", scifact), ("HealthVer", healthver)):
        pairs = list(source(args.data))[: args.limit]
        judged = [(label, check(claim, quote, title, "").score) for claim, quote, title, label in pairs]
        shares = [(label, len(stems(c) & stems(f"{t} {q}")) / max(1, len(stems(c)))) for c, q, t, label in pairs]
        for threshold in (0.5, 0.7, 0.9):
            report(f"{name} {threshold}", judged, threshold)
        report("words 0.9", shares, 0.9)
        if args.show:
            for (claim, quote, _, label), (_, score) in zip(pairs, judged, strict=True):
                if score >= 0.7 and label != "SUPPORT":
                    print(f"  {label}\n    {claim}\n    {quote}")


if __name__ == "__main__":
    main()
