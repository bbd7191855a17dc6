"""Renames reach what they are about and nothing else: by scope and type, in code, texts, documents and templates."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest
from tools.rename import leftovers
from tools.rename.apply import apply, write_report
from tools.rename.rows import COLUMNS, read_rows
from tools.rename.sources import fields_of

from tests.architecture.rename_material import FILES, ROWS


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    root = tmp_path_factory.mktemp("renamed")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text), encoding="utf-8")
    table = root / "wing.tsv"
    table.write_text("\t".join(COLUMNS) + "\n" + "".join(
        "\t".join([*row.split(), ""]) + "\n" for row in ROWS.splitlines()
    ))  # fmt: skip
    done = apply(root, read_rows([table]))
    write_report(root, done)
    return root, done


def text(applied, path: str) -> str:
    return (applied[0] / path).read_text(encoding="utf-8")


def holds(whole: str, *parts: str) -> bool:
    missing = [part for part in parts if part not in whole]
    assert missing == [], whole
    return True


def refused(applied) -> dict[str, str]:
    return {f"{one.row.scope} {one.row.old}": one.reason for one in applied[1].plan.refused}


def between(whole: str, start: str, end: str) -> str:
    return whole[whole.index(start) : whole.index(end, whole.index(start) + 1)]


def test_a_module_is_moved_with_its_tests_and_named_everywhere(applied):
    root, _ = applied
    assert (root / "src/vigie/live/watcher.py").exists()
    assert not (root / "src/vigie/live/lookout.py").exists()
    test = text(applied, "tests/unit/live/test_watcher.py")
    for there in (
        "import vigie.live.watcher\n", "from vigie.live import watcher\n",
        "from vigie.live.watcher import Echo, Watcher",
        'monkeypatch.setattr("vigie.live.watcher.MAX_WORDS", 2)', 'monkeypatch.setattr(watcher, "MAX_WORDS", 2)',
        'vigie.live.watcher.watch(where="x")',
    ):  # fmt: skip
        assert there in test
    assert '"vigie.live.watcher"' in text(applied, "pyproject.toml")
    assert '"tests/unit/live/test_watcher.py" =' in text(applied, "tests/durations.toml")
    assert "`vigie.live.watcher` asks (src/vigie/live/watcher.py, `live/watcher.py`)" in text(
        applied, "docs/live.md"
    )
    assert "a `Watcher` is `vigie.live.watcher.Watcher`" in text(applied, "docs/live.md")


def test_a_package_lists_and_passes_on_the_new_names(applied):
    face = text(applied, "src/vigie/live/__init__.py")
    assert "watcher   asks the line, as `watcher` does\nsteps     what happened" in face
    assert "from vigie.live.watcher import Watcher, watch\n" in face
    assert '__all__ = ["Watcher", "watch"]' in face


def test_fields_follow_the_type_of_the_object(applied):
    steps = text(applied, "src/vigie/live/steps.py")
    assert "    word_count: int\n    end: int = 0\n" in steps
    assert "    word_count : int\n        How many words.\n    end : int\n" in steps
    assert '"""Return `end` without `word_count`."""\n        return self.end - self.word_count' in steps
    assert "replace(met, end=met.end + delay)" in steps
    assert "case Meeting(word_count=count, end=0):\n            return count" in steps
    assert "class Other:\n" in steps
    assert "return self.said" in between(steps, "class Other", "class Kept")
    assert refused(applied)["Kept seen"] == "field that is stored or sent"
    assert "seen: int\n    _sight: int = 0" in steps


def test_an_object_of_several_classes_refuses_a_row_about_one(applied):
    assert refused(applied)["Mixed word"] == "an object of several classes"
    assert "value.word" in text(applied, "src/vigie/live/steps.py")


def test_methods_move_with_their_protocol_and_their_overrides(applied):
    watcher = text(applied, "src/vigie/live/watcher.py")
    assert "def listen(self, question: str, most: int = 1)" in text(applied, "src/vigie/ports/talk.py")
    assert "`question` says" in text(applied, "src/vigie/ports/talk.py")
    assert "def listen(self, question: str, most: int = 1)" in between(watcher, "class Echo", "def watch(")
    assert "self._answers += self._line.listen(question=question, most=MAX_WORDS)" in watcher
    assert "# `question` is a word, and `_answers` keeps it." in watcher
    assert "return super()._ask_one(question=question)" in watcher
    assert '__slots__ = ("_answers", "_line")' in watcher or '__slots__ = ("_line", "_answers")' in watcher
    test = text(applied, "tests/unit/live/test_watcher.py")
    holds(test, 'Echo().listen(question="x")', 'getattr(out, "_answers")')
    assert 'monkeypatch.setattr(watcher.Watcher, "_ask_one", lambda self, one: 1)' in test


def test_locals_and_parameters_change_in_their_scope_alone(applied):
    watcher = text(applied, "src/vigie/live/watcher.py")
    watch = between(watcher, "def watch(", "def timed(")
    assert 'def watch(line: Line | None = None, *, where: str = "") -> CountByPlace:' in watch
    assert "where : str\n        Where, as `where` says." in watch
    assert "CountByPlace\n        By name." in watch
    assert 'watcher: "Watcher" = Watcher(line or Echo())' in watch
    assert (
        'counts = {where: watcher.count_answers([f"{where}{entry:{MAX_WORDS}}" for entry in range(MAX_WORDS)])}'
        in watch
    )
    holds(watch, "except KeyError as error:", "from error")
    assert 'f"{error} of {where!r} at {where}"' in watch
    assert "(highest := max(counts.values())) > MAX_WORDS:\n        del highest" in watch
    assert "with open(where) as file:\n        counts[file.read()] = 1" in watch
    assert "count = lambda entry: entry + counts[where]" in watch
    assert "{entry: count(value) for entry, value in counts.items()}" in watch
    ask = between(watcher, "def count_answers(", "def _tell(")
    holds(ask, "counts = [self._ask_one(word) for word in words]", "self._tell(count=1)")


def test_scopes_of_functions_inside_stars_and_patterns(applied):
    watcher = text(applied, "src/vigie/live/watcher.py")
    outer = between(watcher, "def outer", "async def stars")
    holds(outer, "nonlocal amount\n        amount += more", "inner(more=1)")
    stars = watcher[watcher.index("async def stars") :]
    assert "case [first, *tail]:\n            return [first, *tail]" in stars
    assert "case _ as anything:\n            return list(anything)" in stars


def test_functions_change_where_they_are_imported_under_another_name(applied):
    watcher = text(applied, "src/vigie/live/watcher.py")
    assert "from vigie.live.steps import count_words as words_of" in watcher
    timed = between(watcher, "def timed", "def taken")
    holds(
        timed, '"""Return when, by `postpone`: ``later`` is a word."""', "begin = partial(postpone, delay=2)"
    )
    assert "begin(met).end + steps.postpone(met, delay=1).span() + words_of(" in timed
    assert "def timed(met: Meeting) -> int:" in timed
    assert "`vigie.live.steps.Meeting`" in watcher


def test_a_class_hides_a_module_only_behind_what_it_binds(applied):
    narrow = between(text(applied, "src/vigie/live/watcher.py"), "class Narrow", "class Echo")
    holds(narrow, "last: steps.Meeting\n", "def steps(self) -> int:", "return self.last.end")


def test_type_variables_keep_the_name_that_they_say(applied):
    holds(text(applied, "src/vigie/live/watcher.py"), 'AnyWord = TypeVar("AnyWord", str, int)')


def test_templates_get_variables_and_attributes_that_no_other_class_has(applied):
    page = text(applied, "src/vigie/views/page.html")
    holds(page, "{{ context.name }}", "{{ one.shown_count }}{{ one.said }}")
    views = text(applied, "src/vigie/views/page.py")
    holds(views, '"context": visit,', 'import_module("vigie.live.watcher").MAX_WORDS')
    assert 'PageContent(**{"shown_count": 1, **given}) if context.shown_count else PageContent(1)' in views
    test = text(applied, "tests/unit/live/test_watcher.py")
    assert 'made(shown_count=2).shown_count == attrgetter("shown_count")(made())' in test


def test_doubles_of_tests_get_the_names_of_what_they_stand_for(applied):
    test = text(applied, "tests/unit/live/test_watcher.py")
    holds(test, "SimpleNamespace(shown_count=3, most=1).shown_count == 3", '.__name__ == "PageContent"')
    holds(between(test, "class Instead", "def ask"), "def count_answers(self, words)")
    holds(between(test, "class Deaf", "def made"), "def listen(self, ")
    holds(test, "out.count_answers([])", "assert ask(Instead()) == ask(out) == 0")


def test_rows_that_cannot_be_applied_are_refused_with_a_reason(applied):
    found = refused(applied)
    assert found["<module> Pair"] == "import name in documents"
    assert found["<module> longest"] == "used in a protected file"
    assert found["run one"] == "protected file"
    assert found["taken found"] == found["seen rest"] == "name is taken in the scope"
    assert found["stars first"] == "hides a builtin"
    assert found["stars gone"] == "old name not found"
    assert found["x y"] == "file not found"
    report = text(applied, "build/renames-refused.tsv")
    assert report.count("\n") == len(applied[1].plan.refused) + 1


def test_what_is_applied_is_python_that_finds_its_names(applied):
    compiled = {}
    for file in sorted(Path(applied[0]).rglob("*.py")):
        compiled[file] = compile(file.read_bytes(), str(file), "exec")
    assert len(compiled) == sum(path.endswith(".py") for path in FILES)


@pytest.mark.parametrize(
    ("token", "fields"),
    [
        ('f"{one}"', ["one"]),
        ("f'{one!r:>{width}}{{no}}{two=}'", ["one", "width", "two"]),
        ('rf"\\d{a[1:2]}"', ["a[1:2]"]),
        ("f'{a != b}{c[\"x\"]:.{n}f}'", ["a != b", 'c["x"]', "n"]),
        ('f"\\N{DASH}{x}"', ["x"]),
        ('"{one}"', []),
    ],
)
def test_fields_of_texts_are_found(token, fields):
    assert [held for _, held in fields_of(token)] == fields


def test_what_renaming_leaves_is_told_by_modules_loaded_by_name_and_members_that_nothing_has():
    call = ast.parse("import_module('vigie.domain.bar').Bars").body[0].value
    assert (leftovers.loaded(call.value), leftovers.loaded(call)) == ("vigie.domain.bar", None)
    assert leftovers.is_there("vigie.domain.errors.UsageError")
    assert not leftovers.is_there("vigie.domain.errors.NoSuchError")
    made = ast.parse("class One:\n    two: int\n    three = 3\n    def four(self):\n        self.five = 5\n")
    names = {name for node in ast.walk(made) for name in leftovers.defined(node)}
    assert names == {"One", "two", "three", "four", "five"}
