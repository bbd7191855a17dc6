"""A model of one's own labels: one command fits it, reading uses it, and what was read is read anew."""

from __future__ import annotations

import pytest

from tests.houses import house
from tests.unit.services.backtest_material import command_line
from vigie.domain.item import Sighting, item_id
from vigie.intelligence.news.judging import fitting, rows
from vigie.intelligence.news.steps import sentiment
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.analysis.sentiment_models import FOLDER, NAME, steps_of

NOW = 1_760_000_000_000
TITLE = "Bitcoin quokka festival begins"
LABELS = (
    "title,sentiment\n"
    + "".join(f"Quokka {word} festival,positive\n" for word in ("big", "new", "third")) * 4
)


@pytest.fixture
def command(monkeypatch, capsys):
    # Fitting beside all of our rows takes longer than a test may.
    few = rows.shipped_rows()[::24]
    monkeypatch.setattr(fitting, "shipped_rows", lambda: few)
    return command_line(monkeypatch, capsys)


@pytest.fixture
def read(tmp_path):
    """Return what reads everything with the model of the home and gives the finding of the one item."""
    built = house(tmp_path, with_bars=False)
    built.items.take(SourceFetch("sec_press", NOW, (Sighting("sec_press", "a", "", TITLE),)))

    def again(said=None):
        reader = ItemReader(
            built,
            tell=dispatch_read_items,
            steps=steps_of(tmp_path, (said if said is not None else []).append),
        )
        while reader.read_some():
            pass
        return built.items.get(item_id("sec_press", "a"))[-1].findings["sentiment"]

    return again


def test_one_command_fits_it_and_what_was_read_is_read_anew_with_it(tmp_path, read, command):
    ours = read()
    (tmp_path / "labels.csv").write_text(LABELS, encoding="utf-8")
    answer = command("news", "model", tmp_path / "labels.csv", "--home", tmp_path)
    assert answer.code == 0, answer
    assert answer.out.startswith("your model reads")
    theirs = read()
    assert theirs.version != ours.version
    assert theirs.body["probabilities"]["positive"] > ours.body["probabilities"]["positive"] + 0.2
    command("news", "model", "--remove", "--home", tmp_path)
    assert read() == ours


def test_word_vectors_are_seen_beside_the_labels_and_what_was_read_is_read_anew(tmp_path, read, command):
    (tmp_path / "labels.csv").write_text(LABELS, encoding="utf-8")
    assert command("news", "model", tmp_path / "labels.csv", "--home", tmp_path).code == 0
    alone = read()
    words = [
        "bitcoin",
        "quokka",
        "festival",
        *(f"w{chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(100)),
    ]
    lines = [f"{word} {at % 7 - 3} {at % 5 - 2} 1\n" for at, word in enumerate(words)]
    (tmp_path / "vectors.txt").write_text("".join(lines), encoding="utf-8")
    answer = command(
        "news", "model", tmp_path / "labels.csv", "--vectors", tmp_path / "vectors.txt", "--home", tmp_path
    )
    assert (answer.code, answer.out.rstrip().endswith("with word vectors of vectors.txt")) == (0, True), (
        answer
    )
    # The file is not needed any more.
    (tmp_path / "vectors.txt").unlink()
    seeing = read()
    assert seeing.version not in (alone.version, sentiment.SentimentStep.version)
    assert seeing.body["probabilities"] != alone.body["probabilities"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--vectors", "none.txt"), "--vectors goes with a file of labels to fit to"),
        (("labels.csv", "--vectors", "none.txt"), "the file of word vectors must exist, none.txt does not"),
        (("labels.csv", "--vectors", "labels.csv"), "labels.csv holds no word vectors that can be read"),
    ],
)
def test_vectors_that_cannot_be_are_refused_and_the_model_stays(tmp_path, monkeypatch, command, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labels.csv").write_text(LABELS, encoding="utf-8")
    answer = command("news", "model", *words, "--home", tmp_path)
    assert answer.code in (1, 2)
    assert said in answer.err
    assert not (tmp_path / FOLDER).exists()


def test_a_file_that_is_no_model_is_told_and_ours_reads(tmp_path, read):
    ours, said = read(), []
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / NAME).write_bytes(b"not a model")
    assert read(said) == ours
    assert "is not used" in said[0]
