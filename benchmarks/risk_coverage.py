"""Print how often answers are wrong depending on how sure the assistant must be, and draw the curve.

    python benchmarks/risk_coverage.py HOME QUESTIONS.jsonl [--svg FILE.svg]

HOME holds the library the questions are about. Questions that the assistant refuses because the paper does not say are
refused at every threshold, so that the curve ends before a coverage of 1.
"""

import argparse
import math
from pathlib import Path

from assistant import Assistant
from assistant.evaluation.questions import read_questions
from assistant.evaluation.results import evaluate
from assistant.evaluation.selective import area_under, at_threshold, best_threshold, risk_coverage

WIDTH, HEIGHT, EDGE = 640, 360, 56
SHOWN = (0.99, 0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.3, 0.0)


FEWEST = 10  # answers; the share of wrong ones among fewer is noise


def drawing(points, present, threshold):
    """Return the curve as SVG; ``present`` is the point of the threshold in use."""
    steps = math.ceil(max(p.risk for p in points) * 10)
    top = steps / 10

    def place(coverage, risk):
        return EDGE + coverage * (WIDTH - 2 * EDGE), HEIGHT - EDGE - risk / top * (HEIGHT - 2 * EDGE)

    def text(x, y, words, anchor="middle"):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'

    corner, right, above = place(0, 0), place(1, 0), place(0, top)
    parts = [f'<path d="M{above[0]:.1f} {above[1]:.1f}V{corner[1]:.1f}H{right[0]:.1f}" stroke="#888" fill="none"/>']
    parts += [text(place(c / 5, 0)[0], HEIGHT - EDGE + 18, f"{c / 5:.1f}") for c in range(6)]
    parts += [text(EDGE - 8, place(0, r)[1] + 4, f"{r:.1f}", "end") for r in (n / 10 for n in range(steps + 1))]
    parts.append(text(WIDTH / 2, HEIGHT - 14, "coverage: share of the questions that are answered"))
    parts.append(text(EDGE, EDGE - 22, "risk: share of the answers that are wrong", "start"))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(p.coverage, p.risk) for p in points))
    parts.append(f'<polyline points="{line}" stroke="#2563eb" stroke-width="2" fill="none"/>')
    x, y = place(present.coverage, present.risk)
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#dc2626"/>')
    parts.append(text(x - 10, y - 10, f"answer_threshold {threshold:g}", "end"))
    style = 'font-family="sans-serif" font-size="13" fill="#555"'
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Risk over coverage" {style}>\n' + (
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--svg", type=Path)
    args = parser.parse_args()
    with Assistant.open(args.home) as assistant:
        evaluation = evaluate(assistant, read_questions(args.questions), lambda what, done, total: None)
    attempts = evaluation.attempts
    given = [a for a in attempts if a.answered]
    points = risk_coverage([a.confidence for a in given], [a.correct for a in given], len(attempts))
    print(f"{len(attempts)} questions, {len(given)} answered at a threshold of 0, area {area_under(points):.3f}")
    answerable = sum(a.answerable for a in attempts)
    print(f"{'threshold':>9} {'coverage':>9} {'risk':>6} {'end right':>9} {'refused':>9} {'refused wrongly':>15}")
    for threshold in sorted({*SHOWN, best_threshold(attempts), evaluation.threshold}, reverse=True):
        row = at_threshold(attempts, threshold)
        total = row.right + row.wrong
        print(
            f"{threshold:>9g} {total / len(attempts):>9.3f} {row.wrong / total if total else 0:>6.3f} "
            f"{row.right + row.refused:>9} {f'{row.refused}/{len(attempts) - answerable}':>9} "
            f"{f'{row.false_refusals}/{answerable}':>15}"
        )
    print(f"most end right at {best_threshold(attempts):g}; answer_threshold is {evaluation.threshold:g}")
    if args.svg:
        present = [p for p in points if p.threshold >= evaluation.threshold][-1]
        drawn = [p for p in points if p.coverage * len(attempts) >= FEWEST]
        args.svg.write_text(drawing(drawn, present, evaluation.threshold), encoding="utf-8")


if __name__ == "__main__":
    main()
