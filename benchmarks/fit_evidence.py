"""Fit the weights of evidence.py and sufficiency.py on labelled questions and print them with their quality.

    python benchmarks/fit_evidence.py HOME QUESTIONS.jsonl [--also HOME …] [--far FILE …]

HOME holds the library the questions are about; each FILE holds questions that it does not answer, one a line. Needs
scikit-learn, which sentence-transformers brings along. Quality is cross-validated over questions: what is printed was
measured on questions that the weights had not seen.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant import Assistant, Filters
from assistant.conversation import understand
from assistant.evidence import Query
from assistant.questions import read_question
from assistant.signals import SIGNALS, sentence_signals
from assistant.sufficiency import FEATURES, sufficiency_features
from assistant.text import fold


def raw_weights(model):
    """Return the weights of a scaled logistic regression in the units of its inputs, the intercept last."""
    scaler, regression = model[0], model[1]
    weights = regression.coef_[0] / scaler.scale_
    return np.append(weights, regression.intercept_[0] - weights @ scaler.mean_)


def fit(rows, labels, regularisation, sample_weight=None):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=regularisation, max_iter=5000))
    return model.fit(rows, labels, logisticregression__sample_weight=sample_weight)


def plain(text):
    return fold(text).replace("\\", "")


def query_of(question):
    return understand(question["question"], tuple(map(tuple, question["history"])), lambda _: ())[0]


def labelled(assistant, question):
    """Yield signals and labels of the sentences of each right paper."""
    query, interaction = query_of(question), assistant.searcher().interaction
    by_title = {plain(p.title): p for p in assistant.library.papers()}
    for title in question["gold_titles"]:
        (read,) = interaction.read([by_title[plain(title)]])
        [match] = interaction.match(interaction.question(query.question), [read])
        quotes = [plain(e["sentence"]) for e in question["evidence"] if plain(e["title"]) == plain(title)]
        texts = [plain(s.of(read.paper.abstract)) for s in read.sentences]
        labels = np.array([any(q in t or t in q for q in quotes) for t in texts])
        if labels.any():
            yield sentence_signals(read, match, read_question(query.question)), labels


def folds_of(count, seed=0):
    return np.random.default_rng(seed).integers(0, 5, count)


def fit_sentences(assistant, questions):
    groups = [list(labelled(assistant, q)) for q in questions if q["answerable"]]
    folds, found = folds_of(len(groups)), {1: [], 2: [], 3: []}

    def stacked(chosen):
        samples = [s for g in chosen for s in g]
        return np.vstack([x for x, _ in samples]), np.concatenate([y for _, y in samples])

    for number in range(5):
        model = fit(*stacked([g for g, f in zip(groups, folds, strict=True) if f != number]), 0.2)
        for group, f in zip(groups, folds, strict=True):
            for rows, labels in group if f == number else []:
                order = np.argsort(-model.decision_function(rows))
                for n, hits in found.items():
                    hits.append(labels[order[:n]].any())
    print({f"evidence in the first {n}": round(float(np.mean(h)), 3) for n, h in found.items()})
    show(SIGNALS, raw_weights(fit(*stacked(groups), 0.2)))


def gate_rows(assistant, questions, far):
    """Return features, labels and kinds of all questions whose best paper is a right one, or that have no answer."""
    # Near ones are refused for what is missing, not for being far off.
    kept = [q for q in questions if q["kind"] != "near-unanswerable"]
    queries = [query_of(q) for q in kept] + [Query(text, text) for text in far]
    gold = [{plain(t) for t in q["gold_titles"]} for q in kept] + [set()] * len(far)
    kinds = [q["kind"] for q in kept] + ["far"] * len(far)
    for query, right, kind in zip(queries, gold, kinds, strict=True):
        judged = assistant.searcher().judge(query, Filters(), assistant.settings.candidates)
        best = judged.papers[0]
        if not right or plain(best.paper.title) in right:
            yield sufficiency_features(best, judged.asked), bool(right), kind


def fit_sufficiency(rows):
    """Fit the gate and print how many are refused at a few shares of false refusals, cross-validated."""
    rows, labels, kinds = (np.array(column) for column in zip(*rows, strict=True))
    # Those that hardly any large library brings to their paper count for both libraries.
    weights = np.where(np.isin(kinds, ["far-unanswerable", "lay", "find"]), 2.0, 1.0)
    scores, folds = np.zeros(len(rows)), folds_of(len(rows))
    for number in range(5):
        seen = folds != number
        model = fit(rows[seen], labels[seen], 0.1, weights[seen])
        scores[~seen] = model.decision_function(rows[~seen])
    for share in (0.01, 0.02, 0.03, 0.04):
        least = np.quantile(scores[labels], share)
        refused = {
            kind: round(float((scores[kinds == kind] < least).mean()), 3) for kind in ("far-unanswerable", "far")
        }
        print(f"where {share} of the answerable ones are refused: {refused}")
    model = fit(rows, labels, 0.1, weights)
    show(FEATURES, raw_weights(model))
    probabilities = model.predict_proba(rows)[:, 1]
    for share in (0.01, 0.02, 0.03, 0.04):
        print(f"threshold for {share} false refusals:", round(float(np.quantile(probabilities[labels], share)), 3))
    for kind in ("far-unanswerable", "lay", "find"):
        print(f"{kind}:", np.round(np.sort(probabilities[kinds == kind]), 2))


def show(features, weights):
    """Print weights as they stand in the module, the intercept last."""
    for name, weight in zip((*features, "intercept"), weights, strict=True):
        print(f"    {weight:8.3f}  {name}")
    print("   ", ", ".join(f"{weight:.3f}" for weight in weights))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument(
        "--also", type=Path, nargs="*", default=[], help="larger libraries with the same papers in them"
    )
    parser.add_argument("--far", type=Path, nargs="*", default=[Path(__file__).parent / "far_questions.txt"])
    args = parser.parse_args()
    questions = [json.loads(line) for line in args.questions.read_text(encoding="utf-8").splitlines()]
    far = [line.strip() for path in args.far for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = []
    for number, home in enumerate([args.home, *args.also]):
        with Assistant.open(home=home) as assistant:
            if number == 0:
                fit_sentences(assistant, questions)
            rows += gate_rows(assistant, questions, far)
    fit_sufficiency(rows)


if __name__ == "__main__":
    main()
