"""A small package with one of each case that renames meet, and the rows that are applied to it."""

from __future__ import annotations

FILES = {
    "pyproject.toml": """\
        [tool.mypy]
        mypy_path = "src"

        [tool.ruff]
        line-length = 110

        [[tool.importlinter.contracts]]
        modules = ["vigie.ports.talk", "vigie.live.lookout"]
        """,
    "src/vigie/__init__.py": '"""A package."""\n',
    "src/vigie/ports/__init__.py": '"""Ports."""\n',
    "src/vigie/ports/talk.py": '''\
        """What others say."""

        from __future__ import annotations

        from typing import Protocol


        class Line(Protocol):
            """A line to somebody."""

            def heard(self, told: str, most: int = 1) -> list[str]:
                """Return what is heard.

                Parameters
                ----------
                told : str
                    What `told` says.
                most : int
                    How many.
                """
                ...
        ''',
    "src/vigie/live/__init__.py": '''\
        """Live.

        lookout   asks the line, as `lookout` does
        steps     what happened
        """

        from vigie.live.lookout import Lookout, looks

        __all__ = ["Lookout", "looks"]
        ''',
    "src/vigie/live/steps.py": '''\
        """What happened."""

        from __future__ import annotations

        import json
        from dataclasses import asdict, dataclass, replace
        from typing import NamedTuple


        @dataclass(frozen=True)
        class Met:
            """A meeting.

            Parameters
            ----------
            said : int
                How many words.
            until : int
                When it ended.
            """

            said: int
            until: int = 0

            def left(self) -> int:
                """Return `until` without `said`."""
                return self.until - self.said


        @dataclass(frozen=True)
        class Other:
            """Has the same words, and keeps them."""

            said: int

            def left(self) -> int:
                """Return what is left."""
                return self.said


        @dataclass
        class Kept:
            """Is stored."""

            seen: int
            _seen: int = 0


        @dataclass
        class Mixed:
            """Shares a name with another that keeps it."""

            word: str


        @dataclass
        class Plain:
            """The other."""

            word: str


        class Pair(NamedTuple):
            """Two."""

            one: int
            other: int


        def kept(value: Kept) -> str:
            """Return it as text."""
            return json.dumps(asdict(value))


        def longest(value: Mixed | Plain) -> str:
            """Return the word."""
            return value.word


        def later(met: Met, by: int) -> Met:
            """Return it later."""
            return replace(met, until=met.until + by)


        def words(of: Met | Pair) -> int:
            """Return how many."""
            match of:
                case Met(said=found, until=0):
                    return found
                case Pair(one=first):
                    return first
            return of._replace(one=1).one if isinstance(of, Pair) else of.until
        ''',
    "src/vigie/live/lookout.py": '''\
        """Asks the line; see `vigie.live.steps.Met` and steps.py."""

        from __future__ import annotations

        from functools import partial
        from typing import TYPE_CHECKING, TypeVar

        from vigie.live import steps
        from vigie.live.steps import Met, Pair, later
        from vigie.live.steps import words as words_of

        if TYPE_CHECKING:
            from vigie.ports.talk import Line

        MOST = 3
        Places = dict[str, int]
        Word = TypeVar("Word", str, int)


        class Lookout:
            """Asks a `Line` until `MOST`.

            Parameters
            ----------
            line : Line
                Who is asked.
            """

            __slots__ = ("_line", "_told")

            def __init__(self, line: Line) -> None:
                self._line = line
                self._told: list[str] = []

            def _ask(self, one: str) -> int:
                # `one` is a word, and `_told` keeps it.
                self._told += self._line.heard(told=one, most=MOST)
                return len(self._told)

            def ask(self, words: list[str]) -> int:
                """Ask each of `words`."""
                found = [self._ask(one) for one in words]
                return sum(found) if found else self._tell(one=1)

            def _tell(self, one: int) -> int:
                return one


        class Narrow(Lookout):
            """Asks less."""

            last: steps.Met

            def steps(self) -> int:
                """Hide a module from here on."""
                return self.last.until

            def _ask(self, one: str) -> int:
                return super()._ask(one=one)


        class Echo:
            """Is a line without saying so."""

            def heard(self, told: str, most: int = 1) -> list[str]:
                """Return it."""
                return [told] * most


        def looks(line: Line | None = None, *, place: str = "") -> Places:
            """Return what a lookout finds.

            Parameters
            ----------
            line : Line, optional
                Who is asked: `Echo` by default.
            place : str
                Where, as `place` says.

            Returns
            -------
            Places
                By name.
            """
            out: "Lookout" = Lookout(line or Echo())
            found = {place: out.ask([f"{place}{one:{MOST}}" for one in range(MOST)])}
            try:
                found[place] += 1
            except KeyError as met:
                raise ValueError(f"{met} of {place!r} "
                                 f"at {place}") from met
            if (most := max(found.values())) > MOST:
                del most
            with open(place) as at:
                found[at.read()] = 1
            count = lambda one: one + found[place]  # noqa: E731
            return {one: count(value) for one, value in found.items()}


        def timed(met: Met) -> int:
            """Return when, by `later`: ``later`` is a word."""
            begin = partial(later, by=2)
            return begin(met).until + steps.later(met, by=1).left() + words_of(Pair(one=1, other=2))


        def taken(found: int) -> int:
            """Have a name that is taken."""
            rows = found + 1
            return rows + found


        def seen(rest: int) -> int:
            """Would hide what it calls."""
            return taken(rest)


        def outer() -> int:
            """Have a function inside."""
            total = 0

            def inner(add: int) -> None:
                nonlocal total
                total += add

            inner(add=1)
            return total


        async def stars(*given: int, **named: int) -> list[int]:
            """Match a star."""
            match given:
                case [first, *others]:
                    return [first, *others]
                case _ as nothing:
                    return list(nothing)
        ''',
    "src/vigie/engine/__init__.py": '"""Engine."""\n',
    "src/vigie/engine/kernel.py": '''\
        """Compiled."""

        from vigie.live.steps import longest


        def run(one: int) -> int:
            """Return it."""
            return one if longest else 0
        ''',
    "src/vigie/views/page.html": """\
        {{ visit.name }} {% for one in rows %}{{ one.only_here }}{{ one.said }}{% endfor %}
        """,
    "src/vigie/views/__init__.py": '"""Views."""\n',
    "src/vigie/views/page.py": '''\
        """Pages."""

        from __future__ import annotations

        from dataclasses import dataclass
        from importlib import import_module
        from typing import Any

        from vigie.live.steps import Other


        @dataclass
        class Shown:
            """What a page shows."""

            only_here: int
            _kept: int = 0


        def values(visit: Any) -> dict[str, Any]:
            """Return what a page is given."""
            shown = Shown(only_here=1)
            return {"visit": visit, "rows": [shown, Other(1)], "most": import_module("vigie.live.lookout").MOST}


        def answer(visit: Any, **given: Any) -> Shown:
            """Return a page."""
            return Shown(**{"only_here": 1, **given}) if visit.only_here else Shown(1)
        ''',
    "tests/__init__.py": "",
    "tests/unit/__init__.py": "",
    "tests/unit/live/__init__.py": "",
    "tests/unit/live/test_lookout.py": """\
        from operator import attrgetter
        from types import SimpleNamespace

        import vigie.live.lookout
        from vigie.live import lookout
        from vigie.live.lookout import Echo, Lookout
        from vigie.views.page import answer


        class Instead:
            def ask(self, words):
                return 0


        def ask(out: Lookout):
            return out.ask([])


        class Deaf:
            def heard(self, told, most=1):
                return []


        def made(**changed):
            return answer(None, **changed)


        def test_lookout(monkeypatch):
            monkeypatch.setattr("vigie.live.lookout.MOST", 2)
            monkeypatch.setattr(lookout, "MOST", 2)
            monkeypatch.setattr(lookout.Lookout, "_ask", lambda self, one: 1)
            out = Lookout(Deaf())
            assert ask(Instead()) == ask(out) == 0
            assert vigie.live.lookout.looks(place="x") == {}
            assert made(only_here=2).only_here == attrgetter("only_here")(made())
            assert SimpleNamespace(only_here=3, most=1).only_here == 3 and type(made()).__name__ == "Shown"
            assert Echo().heard(told="x") == ["x"] and getattr(out, "_told") == []
        """,
    "docs/live.md": """\
        `vigie.live.lookout` asks (src/vigie/live/lookout.py, `live/lookout.py`);
        a `Lookout` is `vigie.live.lookout.Lookout`.

        ```python
        from vigie.live.steps import Pair
        ```
        """,
    "tests/durations.toml": '"tests/unit/live/test_lookout.py" = [1, 2]\n',
}
ROWS = """\
ports/talk.py method Line heard listen
ports/talk.py parameter Line.heard told question
live/steps.py class <module> Met Meeting
live/steps.py field Met said word_count
live/steps.py field Met until end
live/steps.py method Met left span
live/steps.py field Kept seen sight
live/steps.py field Kept _seen _sight
live/steps.py field Mixed word text
live/steps.py class <module> Pair Couple
live/steps.py function <module> words count_words
live/steps.py function <module> later postpone
live/steps.py parameter later by delay
live/steps.py local words found count
live/steps.py function <module> longest longest_word
live/lookout.py module <module> lookout watcher
live/lookout.py class <module> Lookout Watcher
live/lookout.py local <module> MOST MAX_WORDS
live/lookout.py local <module> Places CountByPlace
live/lookout.py local <module> Word AnyWord
live/lookout.py field Lookout _told _answers
live/lookout.py method Lookout _ask _ask_one
live/lookout.py method Lookout ask count_answers
live/lookout.py parameter Lookout._ask one question
live/lookout.py parameter Lookout._tell one count
live/lookout.py local Lookout.ask found counts
live/lookout.py local Lookout.ask one word
live/lookout.py function <module> looks watch
live/lookout.py parameter looks place where
live/lookout.py local looks found counts
live/lookout.py local looks met error
live/lookout.py local looks most highest
live/lookout.py local looks at file
live/lookout.py local looks one entry
live/lookout.py local looks out watcher
live/lookout.py local taken found rows
live/lookout.py local seen rest taken
live/lookout.py local outer total amount
live/lookout.py parameter outer.inner add more
live/lookout.py local stars others tail
live/lookout.py local stars nothing anything
live/lookout.py local stars first input
live/lookout.py local stars gone away
live/gone.py local x y z
engine/kernel.py parameter run one two
views/page.py field Shown only_here shown_count
views/page.py class <module> Shown PageContent
views/page.py parameter answer visit context
views/page.py template values visit context
"""
