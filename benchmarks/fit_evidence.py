"""Fit the weights of evidence.py and sufficiency.py on labelled questions and print them with their quality.

    python benchmarks/fit_evidence.py HOME QUESTIONS.jsonl

HOME holds the library the questions are about. Needs scikit-learn, which sentence-transformers brings along. Quality is
cross-validated over questions: what is printed was measured on questions that the weights had not seen.
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
from assistant.evidence import FEATURES, sentence_features
from assistant.sufficiency import FEATURES as SUFFICIENCY_FEATURES
from assistant.sufficiency import sufficiency_features
from assistant.text import fold


def raw_weights(model):
    """Return the weights of a scaled logistic regression in the units of its inputs, the intercept last."""
    scaler, regression = model[0], model[1]
    weights = regression.coef_[0] / scaler.scale_
    return np.append(weights, regression.intercept_[0] - weights @ scaler.mean_)


def fit(samples, regularisation):
    rows = np.vstack([x for x, _ in samples])
    labels = np.concatenate([y for _, y in samples])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=regularisation, max_iter=5000))
    return model.fit(rows, labels)


def plain(text):
    return fold(text).replace("\\", "")


def labelled(assistant, question):
    """Yield features and labels of the sentences of each right paper."""
    finder, library = assistant.evidence_finder(), assistant.library
    query = understand(question["question"], tuple(map(tuple, question["history"])), lambda _: ())[0]
    by_title = {plain(p.title): p for p in library.papers()}
    for title in question["gold_titles"]:
        judged = finder.judge(query, [], [])
        read = finder.interaction.read(by_title[plain(title)])
        match = finder.interaction.match(finder.interaction.question(query.question), read)
        quotes = [plain(e["sentence"]) for e in question["evidence"] if plain(e["title"]) == plain(title)]
        texts = [plain(s.of(read.paper.abstract)) for s in read.sentences]
        labels = np.array([any(q in t or t in q for q in quotes) for t in texts])
        if labels.any():
            yield sentence_features(read, match, judged.asked, judged.term_weights), labels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    args = parser.parse_args()
    questions = [json.loads(line) for line in args.questions.read_text(encoding="utf-8").splitlines()]
    with Assistant.open(home=args.home) as assistant:
        groups = [list(labelled(assistant, q)) for q in questions if q["answerable"]]
        fit_sufficiency(assistant, questions)
    folds = np.random.default_rng(0).integers(0, 5, len(groups))
    found = {1: [], 2: [], 3: []}
    for fold_number in range(5):
        model = fit([s for g, f in zip(groups, folds, strict=True) if f != fold_number for s in g], 0.1)
        for group, f in zip(groups, folds, strict=True):
            for rows, labels in group if f == fold_number else []:
                order = np.argsort(-model.decision_function(rows))
                for n, hits in found.items():
                    hits.append(labels[order[:n]].any())
    print({f"evidence in the first {n}": round(float(np.mean(h)), 3) for n, h in found.items()})
    weights = raw_weights(fit([s for g in groups for s in g], 0.1))
    show(FEATURES, weights)


def show(features, weights):
    """Print weights as they stand in the module, the intercept last."""
    for name, weight in zip((*features, "intercept"), weights, strict=True):
        print(f"    {weight:8.3f}  {name}")


def fit_sufficiency(assistant, questions):
    """Fit the gate on all questions and print how many are refused at 4 % of false refusals, cross-validated."""
    rows, labels = [], np.array([q["answerable"] for q in questions])
    for q in questions:
        query = understand(q["question"], tuple(map(tuple, q["history"])), lambda _: ())[0]
        rows.append(sufficiency_features(assistant.judge(query, Filters(), assistant.settings.candidates).papers[0]))
    kinds = np.array([q["kind"] for q in questions])
    kept = kinds != "near-unanswerable"  # those are refused for what is missing, not for being far off
    rows, labels, kinds = np.array(rows)[kept], labels[kept], kinds[kept]
    scores = np.zeros(len(rows))
    folds = np.random.default_rng(0).integers(0, 5, len(rows))
    for fold_number in range(5):
        model = fit([(rows[folds != fold_number], labels[folds != fold_number])], 0.1)
        scores[folds == fold_number] = model.decision_function(rows[folds == fold_number])
    least = np.quantile(scores[labels], 0.04)
    refused = (scores[kinds == "far-unanswerable"] < least).mean()
    print(f"far-unanswerable: {refused:.2f} refused where 0.04 of the answerable ones are")
    show(SUFFICIENCY_FEATURES, raw_weights(fit([(rows, labels)], 0.1)))
    model = fit([(rows, labels)], 0.1)
    probabilities = model.predict_proba(rows)[:, 1]
    print("threshold for 0.03 false refusals:", round(float(np.quantile(probabilities[labels], 0.03)), 3))
    print("far-unanswerable:", np.round(np.sort(probabilities[~labels]), 3))


if __name__ == "__main__":
    main()
