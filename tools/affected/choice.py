"""Which tests are run for a change, in which order, and what is said of it.

A test comes early where few files lie between it and the change, and where its name or its text has the name of what
changed. The usual change has a minute and a half; where many tests are near, those may take five minutes. What is left
out is said. Seconds are of the processor, recorded by a whole run in `tests/durations.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .changes import Changes
from .graph import Graph
from .kinds import EVERYTHING, kind_of

# Processor seconds of tests: on two cores, beside the checks, a minute and a half, and five minutes.
USUAL, MOST = 80.0, 420.0
# Those up to here are near; with more near test files than these a change is wide.
NEAR = 1
WIDE = 60
# Those beyond are far, and only fill up what near ones leave of half a room: of ten planted faults none is noticed from
# farther off than two.
FAR, DISTANT = 3, USUAL / 2
# Before all others: the changed tests, whole.
ITSELF = -9
# Of a test file that was never measured: a quick one, and any other.
UNMEASURED = 1.0
UNMEASURED_DEEP = 15.0
QUICK = ("tests/architecture/", "tests/unit/", "tests/contracts/")
# Say nothing of what is in a file: then its folder does.
PLAIN = {
    "__init__",
    "page",
    "source",
    "live",
    "history",
    "trading",
    "manifest",
    "fr",
    "parts",
    "pictures",
    "words",
    "wire",
    "messages",
    "rows",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A test file that a change can break.

    Parameters
    ----------
    path : str
        The file.
    rank : int
        How far off it is; what names the change is nearer.
    distance : int
        Steps from the change.
    through : tuple of str
        The files between, from the change on.
    seconds : float
        What it takes here.
    is_deep : bool
        Whether all its tests need long histories, a browser or the real data.
    """

    path: str
    rank: int
    distance: int
    through: tuple[str, ...]
    seconds: float
    is_deep: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What is run, most telling first, and what is left to `make test`."""

    run: tuple[Chosen, ...]
    left: tuple[Chosen, ...]
    unknown: tuple[str, ...]

    def line(self, changes: Changes) -> str:
        """Return one line that says what was chosen."""
        count = len(changes.changed) + len(changes.gone)
        files = f"{count} file{'' if count == 1 else 's'} changed since {changes.since}"
        reached = len(self.run) + len(self.left)
        taken = f"{sum(one.seconds for one in self.run):.0f} s of processor"
        said = f"{files}; {len(self.run)} of {reached} test files that they can break are run, {taken}"
        if self.left:
            rest = sum(one.seconds for one in self.left)
            said += f"; {len(self.left)} farther off are left to `make test`, {rest:.0f} s"
        if self.unknown:
            said += f"; of no kind that is known, so they can break everything: {', '.join(self.unknown[:3])}"
        return said


def explained(choice: Choice, word: str) -> str:
    """Return why a test is run or left: each test whose path has the word, and the way from the change to it."""
    lines = []
    for title, some in (("run", choice.run), ("left", choice.left)):
        for one in some:
            if word in one.path or word in one.through:
                way = (
                    " <- ".join((one.path, *reversed(one.through)))
                    if one.through
                    else f"{one.path} changed itself"
                )
                lines.append(f"{title}, {one.seconds:.1f} s: {way}")
    return "\n".join(lines) or f"no test that the change can break has {word} on its way"


@dataclass(frozen=True, slots=True)
class Took:
    """What the tests of a file took: all of them, and those among them that `make check` leaves out."""

    seconds: float = UNMEASURED
    cases: int = 1
    deep_seconds: float = 0.0
    deep_cases: int = 0


def durations(path: Path) -> dict[str, Took]:
    """Return what each test file took when all were run."""
    try:
        kept = tomllib.loads(path.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return {name: Took(*entry) for name, entry in kept.items()}


def reached(graph: Graph, changes: Changes, root: Path, took: Mapping[str, Took]) -> dict[str, Chosen]:
    """Return every test that a change can break."""
    found: dict[str, Chosen] = {}
    texts: dict[str, str] = {}
    for path in (*changes.changed, *changes.gone):
        ways = graph.reach(path)
        if path in changes.gone:
            ways |= _of_gone(graph, path)
        own = named(path)
        for test in graph.tests & ways.keys():
            distance = ways[test][0]
            if test not in texts and (root / test).is_file():
                texts[test] = (root / test).read_text(encoding="utf-8").lower()
            # A suite of real processes, browsers or servers comes after quick tests that are as near.
            far = distance + (not test.startswith(QUICK))
            text = texts.get(test, "")
            rank = far - 2 * bool(own.search(PurePosixPath(test).stem)) - bool(own.search(text))
            known = took.get(test) or Took(UNMEASURED if test.startswith(QUICK) else UNMEASURED_DEEP)
            if test == path:
                found[test] = Chosen(test, ITSELF, 0, (), known.seconds)
            elif test not in found or rank < found[test].rank:
                found[test] = _chosen(test, rank, ways, known)
    return found


def _chosen(test: str, rank: int, ways: Mapping[str, tuple[int, str]], took: Took) -> Chosen:
    is_deep = took.deep_cases >= took.cases
    seconds = took.seconds if is_deep else max(0.0, took.seconds - took.deep_seconds)
    return Chosen(test, rank, ways[test][0], _way(ways, test), seconds, is_deep)


def named(path: str) -> re.Pattern[str]:
    """Return what finds the word of a file in a text, one of it or several: pages of watchlists test a watchlist."""
    word = re.escape(own_word(path).removesuffix("s"))
    return re.compile(rf"(?<![a-z]){word}s?(?![a-z])")


def own_word(path: str) -> str:
    """Return the word that says what a file is about: its name, or that of its folder where every folder has one."""
    pure = PurePosixPath(path)
    stem = pure.name.partition(".")[0].lower()
    return stem if stem and stem not in PLAIN else pure.parent.name.lower() or stem


def _of_gone(graph: Graph, path: str) -> dict[str, tuple[int, str]]:
    """Return what a file that is no more can break: the tests of its kind, and who loads its folder."""
    kind = kind_of(path)
    patterns = kind.tests if kind else EVERYTHING
    found = {
        one: (1, path)
        for one in graph.tests
        if any(PurePosixPath(one).match(pattern) for pattern in patterns)
    }
    face = f"{PurePosixPath(path).parent}/__init__.py"
    return {
        **{one: (distance + 1, way or path) for one, (distance, way) in graph.reach(face).items()},
        **found,
    }


def _wing(path: str) -> str:
    """Return which wing a file is of, or the unit tests of which one it has; empty where it is of none."""
    parts = PurePosixPath(path).parts
    return parts[2] if len(parts) > 3 and parts[:2] in (("src", "vigie"), ("tests", "unit")) else ""


def _way(ways: Mapping[str, tuple[int, str]], test: str) -> tuple[str, ...]:
    """Return the files from a change to a test."""
    way, path = [], ways[test][1]
    while path:
        way.append(path)
        path = ways[path][1] if path in ways and ways[path][1] != path else ""
    return tuple(reversed(way))


def choose(
    graph: Graph,
    changes: Changes,
    root: Path,
    took: Mapping[str, Took],
    usual: float = USUAL,
    most: float = MOST,
    distant: float = DISTANT,
) -> Choice:
    """Choose what is run.

    Parameters
    ----------
    graph : Graph
        Who depends on whom.
    changes : Changes
        What differs.
    root : Path
        The repository.
    took : mapping of str to Took
        Processor seconds by test file.
    usual, most : float
        Room for tests; for changed ones, and near ones of a wide change.
    distant : float
        Room that far tests find taken by others.
    """
    wings = {_wing(path) for path in (*changes.changed, *changes.gone)} - {""}
    # Of equally near ones, those of the changed wing first.
    found = sorted(
        reached(graph, changes, root, took).values(),
        key=lambda one: (
            one.rank,
            _wing(one.path) not in wings,
            not one.path.startswith(QUICK),
            one.seconds,
            one.path,
        ),
    )
    run, left, spent = [], [], 0.0
    is_wide = sum(one.rank <= NEAR for one in found) > WIDE
    for one in found:
        room = distant if one.rank > FAR else usual
        if one.rank == ITSELF or (is_wide and one.rank <= NEAR):
            room = most
        if not one.is_deep and spent + one.seconds <= room:
            run.append(one)
            spent += one.seconds
        else:
            left.append(one)
    unknown = tuple(path for path in (*changes.changed, *changes.gone) if kind_of(path) is None)
    return Choice(tuple(run), tuple(left), unknown)
