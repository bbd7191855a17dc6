"""How well sentiment, regulation and imitated domains are told: `python -m benchmarks.news.judged [--write]`.

Needs scikit-learn for the comparison of recipes. With ``--write`` into docs/news-figures.md, and the model's card into
the package, where a page shows it.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np
import polars as pl
from tests.shared import shared_dir

from benchmarks.news.judged_page import card, page
from benchmarks.news.measures import flips, interval, macro_f1, precision, recall, surest_half
from benchmarks.news.page import write_section
from benchmarks.news.train import DATA, ROWS, cryptolin_rows, french_rows
from vigie.domain.item import Item, Sighting
from vigie.intelligence.news.judging.calibration import expected_error, softmax
from vigie.intelligence.news.judging.fitting import Recipe, fit_own, fit_topics, fitted_sentiment, folds
from vigie.intelligence.news.judging.hosts import brands
from vigie.intelligence.news.judging.linear import logits_of, shipped_model
from vigie.intelligence.news.judging.rows import (
    REGULATION,
    SENTIMENTS,
    TOPICS,
    Row,
    agreement,
    read_rows,
    shipped_rows,
)
from vigie.intelligence.news.step import Context, Publisher
from vigie.intelligence.news.steps import topics as topics_step

RECIPES = {
    "lexicon alone": Recipe(kinds=()),
    "counts of words": Recipe(kinds=("words",), is_weighted=False, figures=""),
    "counts of letters": Recipe(kinds=("letters",), is_weighted=False, figures=""),
    "TF-IDF of words": Recipe(kinds=("words",), figures=""),
    "TF-IDF of letters": Recipe(kinds=("letters",), figures=""),
    "TF-IDF of words and letters": Recipe(figures=""),
    "counts of words and letters, lexicon": Recipe(is_weighted=False),
    "TF-IDF of words, lexicon": Recipe(kinds=("words",)),
    "TF-IDF of letters, lexicon": Recipe(kinds=("letters",)),
    "TF-IDF of words and letters, lexicon (shipped)": Recipe(),
}


def cryptolin():
    """Return titles and labels of the public set of crypto headlines."""
    table = pl.read_parquet(shared_dir("data", "news", "sentiment", "cryptolin.parquet"))
    return table["title"].to_list(), np.array([SENTIMENTS.index(label) for label in table["label"]])


def french():
    """Return the held-back French headlines."""
    rows = read_rows((ROWS / "french.csv").read_text(encoding="utf-8"))
    return [row.title for row in rows], np.array([SENTIMENTS.index(row.sentiments[0]) for row in rows])


def held_back():
    """Return titles and labels of the half of CryptoLin that nothing was set on."""
    rows = cryptolin_rows(is_held_back=True)
    return [row.title for row in rows], np.array([SENTIMENTS.index(row.sentiments[0]) for row in rows])


def french_others(reader):
    """Return the half of another writer's French headlines that nothing was set on, with the labels of one reader."""
    rows = french_rows(is_held_back=True)
    return [row.title for row in rows], np.array([SENTIMENTS.index(row.sentiments[reader]) for row in rows])


def told(probabilities, truth, threshold):
    """Return the figures of one set."""
    said = probabilities.argmax(axis=1)
    clear = probabilities.max(axis=1) >= threshold
    return {
        "rows": len(truth),
        "macro_f1": interval(macro_f1, truth, said),
        "accuracy": float(np.mean(said == truth)),
        "surest_half": interval(surest_half, truth, probabilities),
        "flips": interval(flips, truth, said),
        "flips_said": float(np.mean((np.abs(said - truth) == 2) & clear)),
        "unclear": float(np.mean(~clear)),
        "accuracy_where_clear": float(np.mean((said == truth)[clear])),
        "calibration": calibration(probabilities, truth),
        # Without an interval: rows drawn anew repeat, which makes every bin look further off than it is.
        "expected_error": expected_error(probabilities, truth),
    }


def calibration(probabilities, truth):
    """Return how sure the model was and how often it was right, by tenths."""
    surest, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    steps = [(low / 10, (low + 1) / 10) for low in range(3, 10)]
    rows = [(low, high, (surest >= low) & ((surest < high) | (high == 1.0))) for low, high in steps]
    return [
        {"from": low, "to": high, "rows": int(of.sum()), "right": float(right[of].mean())}
        for low, high, of in rows
        if of.sum()
    ]


def own_labels(titles, truth, vectors=None):
    """Return probabilities for each row by a model fitted to the other four fifths beside the shipped rows."""
    found, limits = np.zeros((len(titles), 3)), []
    for kept, out in folds(len(titles)):
        model = fit_own([Row(titles[i], "en", (SENTIMENTS[truth[i]],), ()) for i in kept], vectors)
        found[out] = softmax(logits_of(model, [titles[i] for i in out]) / model.heat)
        limits.append(model.threshold)
    return found, float(np.mean(limits))


def measure_sentiment():
    """Return the figures of the shipped model, of the recipes, and of a user's own labels."""
    model, rows = shipped_model("sentiment"), shipped_rows()
    sets = {"cryptolin": cryptolin(), "french": french()}
    judged = {
        "cryptolin": ("en", sets["cryptolin"]),
        "held_back": ("en", held_back()),
        "french": ("fr", sets["french"]),
        "french_others": ("fr", french_others(0)),
        "french_others_again": ("fr", french_others(1)),
    }
    figures = {
        name: told(softmax(logits_of(model, titles) / model.heat_of(language)), truth, model.threshold)
        for name, (language, (titles, truth)) in judged.items()
    }
    recipes = {}
    for name, recipe in RECIPES.items():
        fitted = fitted_sentiment(rows, recipe)
        recipes[name] = {
            key: macro_f1(truth, fitted(titles).argmax(axis=1)) for key, (titles, truth) in sets.items()
        }
    own, limit = own_labels(*sets["cryptolin"])
    share, kappa = agreement([row.sentiments[0] for row in rows], [row.sentiments[1] for row in rows])
    return {
        "model": dict(model.about),
        "threshold": model.threshold,
        "heat": model.heat,
        "heats": dict(model.heats),
        "sets": figures,
        "recipes": recipes,
        "own_labels": told(own, sets["cryptolin"][1], limit),
        "agreement_others": _agreement_others(),
        "agreement": {"share": share, "kappa": kappa},
    }


def measure_topics():
    """Return regulation on both sets of cases, and topics of rows that were left out in turn."""
    step, context = topics_step.make(), Context(Publisher("p", "P", "media"), None)
    lists = {
        "public headlines": (shared_dir("data", "news", "regulatory_cases.csv"), "label"),
        "own headlines": (ROWS / "regulation.csv", "is_regulation"),
    }
    found = {}
    for name, (path, column) in lists.items():
        with path.open(encoding="utf-8", newline="") as file:
            cases = list(csv.DictReader(file))
        truth = np.array([case[column] == "yes" for case in cases])
        said = np.array([step.read(item(case["title"]), context).body["is_regulation"] for case in cases])
        found[name] = {
            "rows": len(truth),
            "precision": interval(precision, truth, said),
            "recall": interval(recall, truth, said),
        }
    rows = [row for row in shipped_rows() if row.topics]
    said = {}
    for kept, out in folds(len(rows)):
        other = topics_step.make(fit_topics([rows[i] for i in kept]))
        said |= {int(i): set(other.read(item(rows[i].title), context).body["topics"]) for i in out}
    by_topic = {
        topic: (
            np.array([topic in row.topics[0] for row in rows]),
            np.array([topic in said[i] for i in range(len(rows))]),
        )
        for topic in TOPICS
    }
    readings = [
        [REGULATION if topic in row.topics[i] else "" for row in rows for topic in TOPICS] for i in (0, 1)
    ]
    return {
        "regulation": found,
        "topics": {
            t: {"precision": precision(*pair), "recall": recall(*pair)} for t, pair in by_topic.items()
        },
        "agreement": dict(zip(("share", "kappa"), agreement(*readings), strict=True)),
    }


def item(title):
    """Return an item with a title and nothing else."""
    return Item("a", 1, Sighting("s", "k", "", title), 0, 0)


def measure_domains():
    """Return how many imitations are found, and which honest domains are suspected."""
    known, news = brands(), shared_dir("data", "news")
    scams = pl.read_parquet(news / "reliability" / "crypto_scam_sites.parquet")
    organisations = pl.read_csv(news / "entities" / "organisations.csv")["domain"].drop_nulls().to_list()
    others = pl.read_parquet(news / "reliability" / "low_credibility_domains.parquet")["domain"].to_list()
    found = {}
    for kind in ("Phishing", "Scamming"):
        hosts = scams.filter(pl.col("label") == kind)["domain"].to_list()
        hits = np.array([known.likeness(host) is not None for host in hosts])
        found[kind.lower()] = {"rows": len(hosts), "recall": interval(lambda one: float(one.mean()), hits)}
    return found | {
        "organisations": {"rows": len(organisations), "suspected": suspected(known, organisations)},
        "other_news_sites": {"rows": len(others), "suspected": suspected(known, others)},
    }


def suspected(known, hosts):
    """Return the hosts that look like another's."""
    return [host for host in hosts if known.likeness(host)]


def _agreement_others():
    rows = [*french_rows(is_held_back=False), *french_rows(is_held_back=True)]
    return float(np.mean([row.is_agreed for row in rows]))


def measure():
    """Return everything, with the time of reading."""
    titles, _ = cryptolin()
    start = time.process_time()
    logits_of(shipped_model("sentiment"), titles[:1000])
    spent = time.process_time() - start
    return {
        "sentiment": measure_sentiment(),
        "topics": measure_topics(),
        "domains": measure_domains(),
        "seconds_for_1000": spent,
    }


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description="How well are sentiment, regulation and domains told?")
    parser.add_argument("--write", action="store_true", help="rewrite the section and the model's card")
    given = parser.parse_args()
    measured = measure()
    text = page(measured)
    print(text)
    if given.write:
        write_section("judged", text)
        write_section("card", card(measured))
        kept = json.dumps(rounded(measured), indent=1, ensure_ascii=False, sort_keys=True)
        Path(DATA / "card.json").write_text(kept + "\n", encoding="utf-8")


def rounded(value):
    """Return the same with four digits."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
