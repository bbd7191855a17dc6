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
from benchmarks.news.train import DATA, ROWS, cryptolin_rows
from vigie.domain.item import NewsItem, Sighting
from vigie.intelligence.news.judging.calibration import expected_error, fit_temperature, softmax
from vigie.intelligence.news.judging.fitting import (
    Recipe,
    fit_logits,
    fit_own,
    fit_topics,
    folds,
    left_out_writers,
)
from vigie.intelligence.news.judging.hosts import load_brands
from vigie.intelligence.news.judging.linear_model import logits_of, shipped_model
from vigie.intelligence.news.judging.ngrams import split_words
from vigie.intelligence.news.judging.rows import (
    REGULATION,
    SENTIMENTS,
    TOPICS,
    LabelledHeadline,
    agreement,
    french_rows,
    read_rows,
    shipped_rows,
)
from vigie.intelligence.news.step import Context, Publisher
from vigie.intelligence.news.steps import topics as topics_step

# Runs of four letters that titles share, of all that they have.
LIKE = 0.6
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


def french_held(reader):
    """Return French headlines of a writer whom nothing was fitted to or set on, with the labels of one reader."""
    rows = held_rows()
    return [row.title for row in rows], np.array([SENTIMENTS.index(row.sentiments[reader]) for row in rows])


def held_rows():
    """Return the French headlines of the fourth other writer."""
    return read_rows((ROWS / "french_held.csv").read_text(encoding="utf-8"))


def unlike_learned(titles):
    """Return which titles are not nearly one that the model of French learned from: events make writers alike."""
    learned = [_runs(row.title) for row in (*french_rows(), *shipped_rows()) if row.language == "fr"]
    return np.array([
        all(len(mine & theirs) <= LIKE * len(mine | theirs) for theirs in learned) for mine in map(_runs, titles)
    ])  # fmt: skip


def _runs(title):
    said = " ".join(split_words(title))
    return {said[at : at + 4] for at in range(len(said) - 3)}


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
        model = fit_own(
            [LabelledHeadline(titles[i], "en", (SENTIMENTS[truth[i]],), ()) for i in kept], vectors
        )
        found[out] = softmax(logits_of(model, [titles[i] for i in out]) / model.temperature)
        limits.append(model.threshold)
    return found, float(np.mean(limits))


def measure_sentiment():
    """Return the figures of the shipped model, of the recipes, and of a user's own labels."""
    model, french_model, rows = shipped_model("sentiment"), shipped_model("sentiment_fr"), shipped_rows()
    sets = {"cryptolin": cryptolin(), "french": french()}
    judged = {
        "cryptolin": (model, "en", sets["cryptolin"]),
        "held_back": (model, "en", held_back()),
        "french": (french_model, "fr", sets["french"]),
        "french_held": (french_model, "fr", french_held(0)),
        "french_held_again": (french_model, "fr", french_held(1)),
        # What read French before it had a model of its own.
        "french_held_general": (model, "fr", french_held(0)),
        "french_held_general_again": (model, "fr", french_held(1)),
    }
    figures = {
        name: told(softmax(logits_of(one, titles) / one.temperature_of(language)), truth, one.threshold)
        for name, (one, language, (titles, truth)) in judged.items()
    }
    titles, truth = french_held(0)
    unlike = unlike_learned(titles)
    probabilities = softmax(logits_of(french_model, titles) / french_model.temperature_of("fr"))
    figures["french_held_unlike"] = told(probabilities[unlike], truth[unlike], french_model.threshold)
    recipes = {}
    for name, recipe in RECIPES.items():
        fitted = fit_logits(rows, recipe)
        recipes[name] = {
            key: macro_f1(truth, fitted(titles).argmax(axis=1)) for key, (titles, truth) in sets.items()
        }
    own, limit = own_labels(*sets["cryptolin"])
    share, kappa = agreement([row.sentiments[0] for row in rows], [row.sentiments[1] for row in rows])
    return {
        "model": dict(model.about),
        "french_model": {**french_model.about, "heat": french_model.temperature},
        "writers_left_out": measure_writers(),
        "threshold": model.threshold,
        "heat": model.temperature,
        "heats": dict(model.temperatures),
        "sets": figures,
        "recipes": recipes,
        "own_labels": told(own, sets["cryptolin"][1], limit),
        "agreement_others": {"others": _agreed(french_rows()), "held": _agreed(held_rows())},
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
    return NewsItem("a", 1, Sighting("s", "k", "", title), 0, 0)


def measure_domains():
    """Return how many imitations are found, and which honest domains are suspected."""
    known, news = load_brands(), shared_dir("data", "news")
    scams = pl.read_parquet(news / "reliability" / "crypto_scam_sites.parquet")
    organisations = pl.read_csv(news / "entities" / "organisations.csv")["domain"].drop_nulls().to_list()
    others = pl.read_parquet(news / "reliability" / "low_credibility_domains.parquet")["domain"].to_list()
    found = {}
    for kind in ("Phishing", "Scamming"):
        hosts = scams.filter(pl.col("label") == kind)["domain"].to_list()
        hits = np.array([known.find_likeness(host) is not None for host in hosts])
        found[kind.lower()] = {"rows": len(hosts), "recall": interval(lambda one: float(one.mean()), hits)}
    return found | {
        "organisations": {"rows": len(organisations), "suspected": suspected(known, organisations)},
        "other_news_sites": {"rows": len(others), "suspected": suspected(known, others)},
    }


def suspected(known, hosts):
    """Return the hosts that look like another's."""
    return [host for host in hosts if known.find_likeness(host)]


def measure_writers():
    """Return what a model fitted without one of the other writers of French says of theirs, as sure as by the rest."""
    own = [row for row in shipped_rows() if row.language == "fr"]
    found = left_out_writers(own, french_rows())
    figures = {}
    for writer, (logits, truth) in found.items():
        rest = [one for name, one in found.items() if name != writer]
        heat = fit_temperature(*(np.concatenate(column) for column in zip(*rest, strict=True)))
        figures[writer] = told(softmax(logits / heat), truth, 0.5)
    return figures


def _agreed(rows):
    return float(np.mean([row.is_agreed for row in rows]))


def measure():
    """Return everything, with the time of reading."""
    spent = [
        seconds_for_1000("sentiment", cryptolin()[0]),
        seconds_for_1000("sentiment_fr", [row.title for row in french_rows()]),
    ]
    return {
        "sentiment": measure_sentiment(),
        "topics": measure_topics(),
        "domains": measure_domains(),
        "seconds_for_1000": spent[0],
        "seconds_for_1000_french": spent[1],
    }


def seconds_for_1000(name, titles):
    """Return the processor time of reading a thousand titles once, by a model that is loaded."""
    model = shipped_model(name)
    start = time.process_time()
    logits_of(model, titles[:1000])
    return time.process_time() - start


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
