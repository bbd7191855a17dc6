"""Fit how sure it is that what a rule finds in a copy is altered: `python -m benchmarks.news.fit_sureness`.

Needs scikit-learn. Writes the figures ``sure`` of ``fitted_weights.json``: a logistic regression over all that rules
and fitted figures find in the files that are not kept back, each read by figures that are fitted without it.
``--cross`` leaves each file out in turn and prints what is named and accused; ``--rules`` what each rule finds.
Files that are kept back are never read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.news import fit_copies
from benchmarks.news.release_copies import KINDS, TUNED, tells
from vigie.intelligence.news.facts.comparison import all_findings
from vigie.intelligence.news.facts.confidence import confidence_features, is_confident
from vigie.intelligence.news.facts.fitted_weights import FittedWeights
from vigie.intelligence.news.facts.statement import NewsStatement, parse_statement

STRENGTH = 0.05
LEAST = 0.95
# What rules find in the texts they are made on flatters them; those of the tenth file they had not seen.
UNSEEN, UNSEEN_WEIGHT = "tenth", 4.0
# More of it can only make a difference surer, or less sure, whatever some hundred texts show by chance.
FOR = ("alike", "sentence_alike", "covered", "seconded", "likelihood")
AGAINST = ("stranger", "own_context", "elsewhere", "kept")
OWN_WEIGHT, BESIDE_WEIGHT = 0.3, 0.5
LOOKED_AT = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97)


class Found(NamedTuple):
    """What a rule finds in a copy.

    Attributes
    ----------
    part : str
        Whose text it is: the file, and which half of the one by two writers that no rule was made on.
    """

    part: str
    copy: str
    kind: str
    is_true: bool
    is_hit: bool
    rule: str
    features: Mapping[str, float]


def part_of(path: Path, release: str) -> str:
    """Return whose text a release is."""
    name = path.stem.removeprefix("release_copies_").removeprefix("tuned_")
    return f"{name}-{1 + (int(release[1:]) > 15)}" if name == UNSEEN else name


def findings(path: Path, models: Mapping[str, FittedWeights]) -> Iterator[Found]:
    """Yield what is found in the copies of a file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        said = given["release"]
        release = parse_statement(NewsStatement(said["title"], said["body"], said["date"]))
        for row in given["copies"]:
            copy = parse_statement(NewsStatement(row["title"], row["text"], row["date"]))
            told = (row["publisher"], said["publisher"])
            days = (row["date"], said["date"])
            every = all_findings(copy, release, days, told, models.__getitem__)
            found = [one for held in every for one in held.differences]
            for one, features in zip(found, confidence_features(found, copy, release, told), strict=True):
                evidence = f"{one.kind}: «{one.copy_says}» against «{one.release_says}»"
                is_true = row["kind"] == "true"
                yield Found(
                    part_of(path, said["id"]), f"{path.stem}/{row['id']}",
                    one.kind if is_true else row["altered"],
                    is_true, not is_true and tells(evidence, row), f"{one.rule}, {one.kind}", features,
                )  # fmt: skip


def every_finding() -> list[Found]:
    """Return what is found in all files that are not kept back, each read by figures fitted without it."""
    rows = {path: fit_copies.rows(path) for path in TUNED}
    found: list[Found] = []
    for path in TUNED:
        others = [row for other in TUNED if other != path for row in rows[other]]
        models = {
            model: fit_copies.fit([row for row in others if row.model == model], least)
            for model, least in fit_copies.LEAST.items()
        }
        found += findings(path, models)
    return found


def fit(given: Sequence[Found], least: float = LEAST) -> FittedWeights:
    """Return the regression fitted to what is found."""
    names = sorted({name for row in given for name in row.features})
    values = np.array([[row.features.get(name, 0.0) for name in names] for row in given])
    scale = values.std(axis=0)
    scale[scale == 0.0] = 1.0
    scaled = (values - values.mean(axis=0)) / scale
    is_hit, weight = np.array([row.is_hit for row in given]), np.array([_weight(row) for row in given])

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        total = scaled @ at[1:] + at[0]
        off = weight * (expit(total) - is_hit)
        missed = float(weight @ (np.logaddexp(0.0, total) - is_hit * total))
        gradient = np.array([off.sum(), *(scaled.T @ off + at[1:] / STRENGTH)])
        return missed + float(at[1:] @ at[1:]) / (2 * STRENGTH), gradient

    bounds = [
        (None, None),
        *((0.0 if _is_for(one) else None, 0.0 if one in AGAINST else None) for one in names),
    ]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    weights = found[1:] / scale
    intercept = float(found[0] - np.dot(weights, values.mean(axis=0)))
    by_name = {name: round(float(one), 4) for name, one in zip(names, weights, strict=True)}
    return FittedWeights(round(intercept, 4), by_name, least)


def _is_for(name: str) -> bool:
    return name.split()[-1] in FOR


def _weight(row: Found) -> float:
    weight = UNSEEN_WEIGHT if row.part.startswith(UNSEEN) else OWN_WEIGHT if row.part == "own" else 1.0
    return weight * (1.0 if row.is_hit or row.is_true else BESIDE_WEIGHT)


def cross(found: Sequence[Found], sizes: Mapping[str, tuple[int, int]]) -> None:
    """Print what comes out of each part when the figures are fitted without it."""
    models = {part: fit([row for row in found if row.part != part]) for part in sizes}
    for least in LOOKED_AT:
        sure = [row for row in found if is_confident(row.features, models[row.part]._replace(least=least))]
        hits, wrong = (
            _copies(row for row in sure if row.is_hit),
            _copies(row for row in sure if row.is_true),
        )
        by_kind = Counter(kind for part, kind, _ in hits if part.startswith(UNSEEN))
        shares = [len([1 for row in wrong if row[0] == part]) / true for part, (true, _) in sizes.items()]
        print(
            f"{least}: named {len(hits)}, accused {len(wrong)}, mean {np.mean(shares):.3f} worst {max(shares):.3f}; "
            + " ".join(
                f"{part} {sum(row[0] == part for row in hits)}/{altered}-{sum(row[0] == part for row in wrong)}/{true}"
                for part, (true, altered) in sizes.items()
            )
            + "; unseen: " + ", ".join(f"{kind} {by_kind[kind]}" for kind in KINDS)
        )  # fmt: skip


def _copies(rows: Iterable[Found]) -> set[tuple[str, str, str]]:
    return {(row.part, row.kind if row.is_hit else "", row.copy) for row in rows}


def show_rules(found: Sequence[Found]) -> None:
    """Print of each rule the altered copies it names and the true ones it accuses: all files, and the unseen one."""
    counts: dict[str, list[set[str]]] = defaultdict(lambda: [set(), set(), set(), set()])
    for row in found:
        if row.is_hit or row.is_true:
            counts[row.rule][row.is_true].add(row.copy)
            if row.part.startswith(UNSEEN):
                counts[row.rule][2 + row.is_true].add(row.copy)
    for rule, sets in sorted(counts.items()):
        hits, wrong, unseen, unseen_wrong = map(len, sets)
        print(f"{rule}: named {hits}, accused {wrong}; on unseen texts {unseen}, {unseen_wrong}")


def sizes() -> dict[str, tuple[int, int]]:
    """Return how many true and altered copies each part has."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path in TUNED:
        for line in path.read_text(encoding="utf-8").splitlines():
            given = json.loads(line)
            for row in given["copies"]:
                counts[part_of(path, given["release"]["id"])][row["kind"] != "true"] += 1
    return {part: (true, altered) for part, (true, altered) in counts.items()}


def main() -> None:
    """Fit, and write what is fitted."""
    parser = argparse.ArgumentParser(description="Fit how sure it is that what a rule finds is altered.")
    parser.add_argument(
        "--cross", action="store_true", help="leave each file out in turn and print what comes out"
    )
    parser.add_argument("--rules", action="store_true", help="print what each rule finds")
    given = parser.parse_args()
    found = every_finding()
    if given.rules:
        show_rules(found)
    if given.cross:
        cross(found, sizes())
    if not (given.rules or given.cross):
        held = json.loads(fit_copies.WEIGHTS.read_text(encoding="utf-8"))
        held["sure"] = fit(found)._asdict()
        fit_copies.WEIGHTS.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
