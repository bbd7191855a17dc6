"""What a change can break is found: no file without a rule, no registry without its files, nothing left out unsaid."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from tools.affected.changes import Changes, changes, git
from tools.affected.choice import ITSELF, WIDE, Took, choose, durations, explained, named, own_word
from tools.affected.graph import Graph, build, is_test
from tools.affected.kinds import EVERYTHING, KINDS, kind_of
from tools.affected.reading import read

ROOT = Path(__file__).resolve().parents[2]
# Load a module whose name no text of theirs has; what they load is found another way.
BY_OTHER_WORDS = {
    "src/vigie/__init__.py": "public names: both modules are in texts",
    "src/vigie/adapters/plugins/loading.py": "the programs of plug-ins from outside",
    "src/vigie/adapters/plugins/simulated.py": "the simulated services beside them",
    "src/vigie/adapters/venues/ccxt_loader.py": "of the package ccxt",
    "src/vigie/compiled.py": "numba's own modules",
    "src/vigie/quant/models/model_kind.py": "libraries that learn",
    "src/vigie/trading/outside/modules.py": "what a file of strategies may import: listed beside, in texts",
    "src/vigie/views/cli/preloading.py": "packages that a command needs",
    "src/vigie/views/web/pictures.py": "pictures of pages: the tests of pages, and who imports one",
    "tests/architecture/test_documents.py": "whatever documents name",
    "tests/lazily.py": "libraries of tests",
    "tests/mutation/remove_rules.py": "listed there",
    "tests/mutation/sample.py": "the modules of three packages, chosen by a seed",
    "tests/unit/benchmarks/test_marked.py": "listed there",
    "tests/unit/services/trading/test_warm.py": "two packages that it imports as well",
    "tests/unit/views/web/texts.py": "the modules of operations, loaded before",
    "tests/unit/views/web/test_texts.py": "modules that hold texts with ids: TEXTS of catalogues",
}


@pytest.fixture(scope="module")
def tree() -> tuple[str, ...]:
    found = changes(ROOT)
    return found.files if found else tuple(git(ROOT, "ls-files") or ())


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("affected")


@pytest.fixture(scope="module")
def graph(tree, kept) -> Graph:
    return build(ROOT, tree, kept)


def of(graph: Graph, path: str) -> set[str]:
    return graph.tests & graph.reach(path).keys()


def test_every_file_of_the_repository_falls_under_a_rule_and_every_rule_has_files(tree):
    assert [path for path in tree if kind_of(path) is None] == []
    assert [kind.title for kind in KINDS if not any(kind_of(path) is kind for path in tree)] == []


def test_tests_of_a_kind_are_there(tree):
    tests = [path for path in tree if is_test(path)]
    patterns = {pattern for kind in KINDS for pattern in kind.tests}
    assert [one for one in sorted(patterns) if not any(fnmatchcase(path, one) for path in tests)] == []


def test_every_file_can_break_a_test(graph, tree):
    good, more = set(graph.tests), set(graph.tests)
    used = {}
    for path, users in graph.users.items():
        for user in users:
            used.setdefault(user, set()).add(path)
    while more:
        more = {path for one in more for path in used.get(one, ())} - good
        good |= more
    assert [path for path in tree if path not in good and not graph.loaders.get(path, set()) & good] == []


def test_a_file_of_no_kind_can_break_everything(graph, tree, kept):
    assert kind_of("some/new/thing.xyz") is None
    strange = build(ROOT, [*tree, "some/new/thing.xyz"], kept)
    assert of(strange, "some/new/thing.xyz") == strange.tests
    assert kind_of("pyproject.toml").tests == EVERYTHING


REGISTRIES = [
    (r"src/vigie/views/web/pages/\w+/page\.py", "src/vigie/views/web/page.py"),
    (r"src/vigie/quant/indicators/[a-z]\w+\.py", "src/vigie/quant/indicators/__init__.py"),
    (r"src/vigie/quant/models/kinds/[a-z]\w+\.py", "src/vigie/quant/models/__init__.py"),
    (r"src/vigie/trading/strategies/[a-z]\w+\.py", "src/vigie/trading/catalogue.py"),
    (r"src/vigie/services/running/work/[a-z]\w+\.py", "src/vigie/services/running/work/__init__.py"),
    (r"src/vigie/intelligence/news/steps/[a-z]\w+\.py", "src/vigie/intelligence/news/registry.py"),
    (r"src/vigie/services/operations/[a-z]\w+\.py", "src/vigie/services/operation.py"),
    (r"src/vigie/adapters/sources/\w+/source\.py", "src/vigie/adapters/connectors.py"),
    (r"src/vigie/adapters/venues/\w+/live\.py", "src/vigie/adapters/connectors.py"),
    (r"src/vigie/adapters/venues/\w+/trading\.py", "src/vigie/wiring/venue_accounts.py"),
    (r"src/vigie/adapters/notifiers/\w+/notifier\.py", "src/vigie/wiring/notifiers.py"),
    (r"src/vigie/views/cli/(?!main)[a-z]\w+\.py", "src/vigie/views/cli/main.py"),
    (
        r"src/vigie/adapters/stores/sql/migrations/versions/m\d+_\w+\.py",
        "src/vigie/adapters/stores/sql/schema.py",
    ),
    (r"src/vigie_sandbox/exchange/\w+/venue\.py", "src/vigie_sandbox/exchange/run.py"),
]


@pytest.mark.parametrize(("pattern", "registry"), REGISTRIES, ids=[registry for _, registry in REGISTRIES])
def test_who_loads_by_name_counts_as_importing(graph, tree, pattern, registry):
    loaded = [path for path in tree if re.fullmatch(pattern, path)]
    assert loaded
    assert [path for path in loaded if registry not in graph.users[path]] == []


def test_every_module_that_is_loaded_by_name_is_named_or_said_to_be_elsewhere(graph):
    assert {path for path, names in graph.names.items() if names.unknown} == set(BY_OTHER_WORDS)


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("src/vigie/views/web/pages/today/page.html", "tests/unit/views/web/test_today_page.py"),
        ("src/vigie/locales/fr.po", "tests/unit/views/web/test_texts.py"),
        ("src/vigie/locales/fr.po", "tests/unit/views/web/test_refusals.py"),
        ("src/vigie/adapters/sources/ecb/manifest.toml", "tests/contracts/test_sources.py"),
        ("src/vigie/trading/scaffold/strategy.py.template", "tests/docs/test_shown_strategies.py"),
        ("src/vigie/domain/bar.py", "tests/unit/domain/test_bar.py"),
        ("docs/python.md", "tests/docs/test_python_page.py"),
        ("deploy/compose.yml", "tests/deploy/test_compose.py"),
        ("tools/run_tests.py", "tests/architecture/test_running.py"),
        ("tests/architecture/sizes.toml", "tests/architecture/test_sizes.py"),
        ("src/vigie/__main__.py", "tests/crash/test_real_processes.py"),
    ],
)
def test_what_is_not_imported_has_its_tests(graph, path, test):
    assert test in of(graph, path)


def test_a_conftest_is_for_the_tests_below_it(graph):
    assert of(graph, "tests/conftest.py") == graph.tests == of(graph, "tests/running.py")
    below = {test for test in graph.tests if test.startswith("tests/parity/")}
    assert below <= of(graph, "tests/parity/conftest.py")
    assert "tests/unit/domain/test_bar.py" not in of(graph, "tests/parity/conftest.py")


def test_a_document_does_not_break_the_kernel(graph):
    assert len(of(graph, "docs/glossary.md")) < 40


PROGRAM = '''
"""Speaks of `vigie.spoken.of` and words.md."""

FOLDER = "vigie.things"
HERE = f"{FOLDER}.{name}.part"

@pytest.fixture(autouse=True)
def always(): "vigie.said.in_words"

@pytest.fixture(name="other")
def made(always, tmp_path): ...

def test_one(other, name):
    import_module(f"{__name__}.{name}")
    import_module(name)
    run([sys.executable, "-m", "vigie", "up"])
    patch("vigie.one.two.Three.four")
    request.getfixturevalue("third")
    read("words.fr.toml", "a/b/page.html", folder.glob("*.csv"))
'''


def test_what_a_file_names_is_read():
    found = read(PROGRAM, "vigie.own")
    assert found.modules == {
        "vigie.things", "vigie.things.*.part", "vigie.own.*", "vigie.__main__", "vigie.one.two.Three.four",
    }  # fmt: skip
    assert {"words.fr.toml", "a/b/page.html", "*.csv"} <= found.files
    assert "words.md" not in found.files
    assert found.fixtures == {"always": True, "other": False}
    assert {"other", "third"} <= found.asked
    assert found.unknown == {"name"}


def small(**users: set[str]) -> Graph:
    """A graph of a few files; `a__b` stands for a/b."""
    tests = {f"tests/unit/test_{name}.py" for name in ("near", "far", "one", "browser")}
    return Graph({name.replace("__", "/"): of for name, of in users.items()}, {}, frozenset(tests))


CHAIN = small(
    src__one={"tests/unit/test_near.py", "src/two", "tests/unit/test_browser.py"},
    src__two={"src/three", "tests/unit/test_one.py"},
    src__three={"tests/unit/test_far.py"},
)
CHANGED = Changes("abc", ("src/one",), (), ())
DEAR = {
    "tests/unit/test_near.py": Took(50.0, 3),
    "tests/unit/test_far.py": Took(20.0, 3),
    "tests/unit/test_one.py": Took(70.0, 2, 60.0, 1),
    "tests/unit/test_browser.py": Took(30.0, 2, 30.0, 2),
}


def names(chosen):
    return [Path(one.path).stem.removeprefix("test_") for one in chosen]


def test_what_has_the_name_of_the_change_comes_first_then_what_is_near(tmp_path):
    choice = choose(CHAIN, CHANGED, tmp_path, DEAR, usual=80.0)
    assert names(choice.run) == ["one", "near", "far"]
    assert names(choice.left) == ["browser"]
    assert [one.seconds for one in choice.run] == [10.0, 50.0, 20.0]


def test_what_has_no_room_is_left_and_said(tmp_path):
    choice = choose(CHAIN, CHANGED, tmp_path, DEAR, usual=70.0, most=100.0)
    assert names(choice.run) == ["one", "near"]
    assert names(choice.left) == ["browser", "far"]
    line = choice.line(CHANGED)
    assert (
        "1 file changed since abc; 2 of 4 test files that they can break are run, 60 s of processor" in line
    )
    assert "2 farther off are left to `make test`, 50 s" in line
    assert "tests/unit/test_far.py <- src/three <- src/two <- src/one" in explained(choice, "far")
    assert explained(choice, "nowhere") == "no test that the change can break has nowhere on its way"


def test_near_tests_of_a_wide_change_have_more_room_than_those_farther_off(tmp_path):
    tests = [f"tests/unit/test_{number:03d}.py" for number in range(WIDE + 1)]
    wide = Graph(
        {"src/one": {*tests, "src/two"}, "src/two": {"tests/unit/test_far.py"}},
        {},
        frozenset({*tests, "tests/unit/test_far.py"}),
    )
    choice = choose(wide, CHANGED, tmp_path, {}, usual=20.0, most=50.0)
    assert [one.path for one in choice.run] == tests[:50]
    narrow = Graph({"src/one": {*tests[:-1]}}, {}, frozenset(tests[:-1]))
    assert len(choose(narrow, CHANGED, tmp_path, {}, usual=20.0, most=50.0).run) == 20


def test_tests_that_are_far_off_fill_up_what_near_ones_leave_of_less_room(tmp_path):
    steps = ("src/one", "src/two", "src/three", "src/four")
    near, far = "tests/unit/test_near.py", "tests/unit/test_far.py"
    users = {step: {after} for step, after in zip(steps, (*steps[1:], far), strict=True)}
    graph = Graph({**users, "src/three": {"src/four", near}}, {}, frozenset({near, far}))
    for taken, run in ((30.0, [near, far]), (31.0, [near])):
        took = {near: Took(taken, 1), far: Took(10.0, 1)}
        choice = choose(graph, CHANGED, tmp_path, took, usual=80.0, distant=40.0)
        assert [one.path for one in choice.run] == run
        assert choose(graph, CHANGED, tmp_path, took, usual=80.0, distant=80.0).left == ()


def test_of_equally_near_tests_those_of_the_changed_wing_come_first(tmp_path):
    own, other = "tests/unit/engine/test_own.py", "tests/unit/alone/test_other.py"
    path = "src/vigie/engine/kernel.py"
    graph = Graph({path: {own, other}}, {}, frozenset({own, other}))
    choice = choose(
        graph, Changes("abc", (path,), (), ()), tmp_path, {own: Took(9.0, 1), other: Took(1.0, 1)}
    )
    assert [one.path for one in choice.run] == [own, other]


def test_a_changed_test_is_run_first_and_whole(tmp_path):
    changed = Changes("abc", ("src/one", "tests/unit/test_browser.py"), (), ())
    choice = choose(CHAIN, changed, tmp_path, DEAR)
    assert (choice.run[0].path, choice.run[0].rank, choice.run[0].seconds) == (
        changed.changed[1],
        ITSELF,
        30.0,
    )


def test_a_file_that_is_gone_breaks_the_tests_of_its_kind(graph, tree):
    gone = Changes("abc", (), ("src/vigie/domain/removed.py", "no/kind.xyz"), tree)
    choice = choose(graph, gone, ROOT, {}, usual=80.0)
    assert len(choice.run) > 50
    assert choice.unknown == ("no/kind.xyz",)
    assert choice.line(gone).endswith("so they can break everything: no/kind.xyz")


def test_a_file_is_about_its_name_or_that_of_its_folder():
    paths = ("src/vigie/domain/bar.py", "src/vigie/views/web/pages/today/page.html", "a/ecb/manifest.toml")
    assert [own_word(path) for path in paths] == ["bar", "today", "ecb"]


def test_a_file_is_named_by_one_of_its_things_or_several():
    found = [
        named("a/pages/watchlists/page.py").search(text)
        for text in ("test_watchlist_pages", "/watchlists", "watch")
    ]
    assert [bool(one) for one in found] == [True, True, False]
    assert not named("src/vigie/domain/bar.py").search("a barrier, embarks")


def test_what_differs_is_committed_uncommitted_new_or_gone(tmp_path):
    def say(*words):
        name = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", "-C", str(tmp_path), *name, *words], check=True, capture_output=True)

    say("init", "-q", "-b", "main")
    for name in ("kept", "edited", "removed", "committed"):
        (tmp_path / name).write_text(name)
    say("add", ".")
    say("commit", "-qm", "first")
    assert changes(tmp_path).changed == changes(tmp_path).gone == ()
    say("checkout", "-qb", "other")
    (tmp_path / "committed").write_text("more")
    say("commit", "-qam", "second")
    (tmp_path / "edited").write_text("more")
    (tmp_path / "removed").unlink()
    (tmp_path / "é new").write_text("more")
    found = changes(tmp_path)
    assert (found.changed, found.gone) == (("committed", "edited", "é new"), ("removed",))
    assert found.files == ("committed", "edited", "kept", "é new")
    assert changes(tmp_path, "HEAD").changed == ("edited", "é new")
    assert changes(tmp_path, "no-such-commit") is None
    assert changes(tmp_path / "kept") is None


def test_without_recorded_durations_every_file_takes_a_second(tmp_path):
    assert durations(tmp_path / "none.toml") == {}
    assert Took().seconds == 1.0
