"""Fit what tells that a copy of a release tells another fact: `python -m benchmarks.news.fit_copies`.

Needs scikit-learn. Writes ``fitted_weights.json``: a logistic regression over the facts of true and altered copies in
the files that rules are made on. ``--cross`` fits to all but one of the files in turn and prints how the facts of the
one left out come out. Files that are kept back are never read.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.news.release_copies import TUNED
from vigie.domain.accents import fold_text
from vigie.intelligence.news import facts
from vigie.intelligence.news.facts.contradictions import contradiction_candidates
from vigie.intelligence.news.facts.fitted_weights import FittedWeights
from vigie.intelligence.news.facts.names import StatedName
from vigie.intelligence.news.facts.places import FactPlace
from vigie.intelligence.news.facts.statement import FactSentence, NewsStatement, parse_statement
from vigie.intelligence.news.facts.swapped_facts import swap_candidates

FOLDER = Path(facts.__file__).parent
WEIGHTS = FOLDER / "fitted_weights.json"
ALTERED = {"name": "name", "amount": "figure", "date": "date"}
STRENGTH = 0.1
LEAST = {"exchanged": 0.38, "lost": 0.45, "contradicted": 0.58}
LOOKED_AT = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


class Row(NamedTuple):
    """A fact of a copy: what tells it, and whether it is what was altered."""

    model: str
    copy: str
    kind: str
    is_altered: bool
    features: Mapping[str, float]
    said: str
    rival: str


def rows(path: Path) -> list[Row]:
    """Return the facts of the copies of a file; those beside what was altered are left out."""
    return [
        row
        for release, copy, given, days in _pairs(path)
        for row in (*_exchanged(copy, release, given, days), *_contradicted(copy, release, given))
    ]


def _pairs(
    path: Path,
) -> Iterator[tuple[Sequence[FactSentence], Sequence[FactSentence], Mapping[str, Any], Sequence[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        said = given["release"]
        release = parse_statement(NewsStatement(said["title"], said["body"], said["date"]))
        for copy in given["copies"]:
            yield (
                release,
                parse_statement(NewsStatement(copy["title"], copy["text"], copy["date"])),
                copy,
                (copy["date"], said["date"]),
            )


def _exchanged(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    given: Mapping[str, Any],
    days: Sequence[str],
) -> Iterator[Row]:
    altered = fold_text(given["copy_says"] or "")
    for one in swap_candidates(copy, release, days):
        is_altered = False
        if given["kind"] != "true":
            is_altered = ALTERED.get(given["altered"]) == one.place.kind and _is_within(one.place, altered)
            is_beside = altered[:40] in fold_text(one.place.sentence.tokens.text)
            if not is_altered and (is_beside or fold_text(one.place.text) in altered):
                continue
        yield Row(
            one.model, given["id"], one.place.kind, is_altered, one.features, one.place.text, one.rival.text
        )


def _contradicted(
    copy: Sequence[FactSentence], release: Sequence[FactSentence], given: Mapping[str, Any]
) -> Iterator[Row]:
    altered = fold_text(given["copy_says"] or "")
    for one in contradiction_candidates(copy, release):
        found = one.part.sentence.tokens
        said = fold_text(found.text[found.starts[one.part.first] : found.ends[one.part.last - 1]])
        is_altered = given["altered"] == "negation" and _overlaps(said, altered)
        if given["altered"] == "negation" and not is_altered:
            # Where else the altered is told is not marked.
            continue
        text = " ".join(one.rival.sentence.tokens.folded[one.rival.first : one.rival.last])
        yield Row("contradicted", given["id"], "negation", is_altered, one.features, said, text)


def _overlaps(said: str, altered: str) -> bool:
    ours, theirs = set(said.split()), set(altered.split())
    return len(ours & theirs) >= min(2, len(theirs))


def _is_within(place: FactPlace, altered: str) -> bool:
    said = fold_text(place.text)
    if isinstance(place.fact, StatedName) and any(word in altered for word in place.fact.words):
        return True
    return said in altered or altered in said


def fit(given: Sequence[Row], least: float) -> FittedWeights:
    """Return the regression fitted to rows."""
    names = sorted({name for row in given for name in row.features})
    values = np.array([[row.features.get(name, 0.0) for name in names] for row in given])
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=STRENGTH, max_iter=5_000)
    model.fit(scaler.transform(values), [row.is_altered for row in given])
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - np.dot(weights, scaler.mean_))
    return FittedWeights(
        round(intercept, 4),
        {name: round(float(one), 4) for name, one in zip(names, weights, strict=True)},
        least,
    )


def cross(model: str, by_file: Mapping[Path, Sequence[Row]], *, is_shown: bool = False) -> None:
    """Print how the facts of each file come out of what the others fit."""
    told: list[tuple[float, Row, Path]] = []
    for path, given in by_file.items():
        found = fit([row for other in by_file if other != path for row in by_file[other]], 0.0)
        told += [(found.probability(row.features), row, path) for row in given]
    for least in LOOKED_AT:
        row = [
            f"{path.stem.removeprefix('release_copies_')} "
            f"{sum(p >= least and r.is_altered for p, r, of in told if of == path)}"
            f"-{len({r.copy for p, r, of in told if of == path and p >= least and not r.is_altered})}"
            for path in by_file
        ]
        hits = sum(p >= least and r.is_altered for p, r, _ in told)
        wrong = sum(p >= least and not r.is_altered for p, r, _ in told)
        all_of = sum(r.is_altered for _, r, _ in told)
        print(f"{model} {least}: {hits} of {all_of}, wrong {wrong}; " + ", ".join(row))
    if is_shown:
        for p, r, of in sorted(told, key=lambda row: -row[0]):
            if (p >= 0.35) != r.is_altered:
                shown = {k: round(v, 2) for k, v in r.features.items() if v}
                print(
                    f"{p:.2f} {of.stem[-8:]} {r.copy} {r.is_altered} {r.kind}: {r.said} | {r.rival} {shown}"
                )


def main() -> None:
    """Fit, and write what is fitted."""
    parser = argparse.ArgumentParser(description="Fit what tells that a copy tells another fact.")
    parser.add_argument(
        "--cross", action="store_true", help="leave each file out in turn and print what comes out"
    )
    parser.add_argument("--show", action="store_true", help="print the facts that come out wrong")
    given = parser.parse_args()
    by_file = {path: rows(path) for path in TUNED}
    held = {} if given.cross else json.loads(WEIGHTS.read_text(encoding="utf-8"))
    for model in LEAST:
        some = {path: [row for row in every if row.model == model] for path, every in by_file.items()}
        if given.cross:
            cross(model, some, is_shown=given.show)
        else:
            held[model] = fit([row for every in some.values() for row in every], LEAST[model])._asdict()
    if not given.cross:
        WEIGHTS.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
