"""Programs of a home that nobody allowed do not run in a guarded process, however they get in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.adapters.stores.programs import AllowedPrograms
from vigie.domain.errors import ConfigError, NotFound

STRATEGY = '''"""Own."""
from dataclasses import dataclass
TIMEFRAME = "1h"
@dataclass(frozen=True)
class Params:
    pass
def warmup(params):
    return 1
def criteria(bars, params):
    return None
'''
# A guarded process tries each step and says what became of it: `ran`, or why not.
TRIES = """
import json, sys
from pathlib import Path
from vigie.adapters.program_guard import guard
from vigie.adapters.sources.own import OwnSource, load_program
from vigie.domain.errors import VigieError
from vigie.trading import catalogue
home, steps = Path(sys.argv[1]), json.loads(sys.argv[2])
guard(Path(sys.argv[3]))
guard(home)
said = []
for kind, what in steps:
    try:
        if kind == "strategy":
            catalogue.load(what, home / "strategies")
        elif kind == "source":
            load_program(OwnSource(what, home / "sources" / what))
        elif kind == "write":
            (home / what[0]).write_text(what[1])
        elif kind == "run":
            exec(what)
        said.append("ran")
    except (VigieError, ImportError, OSError) as fault:
        said.append(f"{type(fault).__name__}: {fault}")
print(json.dumps(said))
"""
REFUSED = "was not run: its content is not allowed here;"


def tried(home, *steps, guarded=None, folder=None):
    """Return what became of each step in a guarded process, which works in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", TRIES, home, json.dumps(steps), guarded or home],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def put(home, name, text):
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_only_the_content_that_was_allowed_runs_and_only_under_its_name(tmp_path):
    home = tmp_path / "home"
    for name in ("mine", "other", "later"):
        put(home, f"strategies/{name}.py", STRATEGY)
    put(home, "sources/pool/source.py", "def open_feeds(site): return {}\n")
    put(home, "sources/new/source.py", "def open_feeds(site): return {}\n")
    AllowedPrograms(home).allow(["strategies/mine.py", "strategies/later.py", "sources/pool/source.py"])
    # A content that was allowed, under the name of a shipped strategy, would hide that one.
    put(home, "strategies/ema_cross.py", STRATEGY)
    said = tried(
        home,
        ("strategy", "mine"), ("strategy", "other"), ("strategy", "ema_cross"), ("strategy", "macd_cross"),
        ("write", ("strategies/later.py", STRATEGY + "# changed\n")), ("strategy", "later"),
        ("source", "pool"), ("source", "new"),
    )  # fmt: skip
    assert said[0] == said[3] == said[6] == "ran"
    for number, name in (
        (1, "strategies/other.py"),
        (2, "strategies/ema_cross.py"),
        (5, "strategies/later.py"),
    ):
        assert said[number].startswith(f"Forbidden: {name} {REFUSED}")
    # The page of sources shows it as it is.
    assert said[7].startswith(f"ConfigError: sources/new/source.py {REFUSED}")


def test_what_an_allowed_program_imports_from_the_home_must_be_allowed_too(tmp_path):
    home = tmp_path / "home"
    put(home, "sources/pool/helper.py", "X = 1\n")
    put(home, "colorsys.py", "X = 1\n")
    source = (
        "import sys\nfrom pathlib import Path\n"
        "sys.path.insert(0, str(Path(__file__).parent))\n"
        "import helper\ndef open_feeds(site): return {}\n"
    )
    put(home, "sources/pool/source.py", source)
    programs = AllowedPrograms(home)
    programs.allow(["sources/pool/source.py"])
    hides_a_library = "import sys; sys.path.insert(0, str(home)); import colorsys"
    said = tried(home, ("source", "pool"), ("run", hides_a_library))
    assert f"sources/pool/helper.py {REFUSED}" in said[0]
    assert f"colorsys.py {REFUSED}" in said[1]
    programs.allow(["sources/pool/helper.py"])
    # No bytecode is left that a second process would have to take on trust.
    assert tried(home, ("source", "pool")) == tried(home, ("source", "pool")) == ["ran"]
    assert not (home / "sources" / "pool" / "__pycache__").exists()


def test_bytecode_extensions_and_libraries_of_the_home_do_not_run(tmp_path):
    home = tmp_path / "home"
    path = put(home, "sources/pool/source.py", "def open_feeds(site): return {}\n")
    AllowedPrograms(home).allow(["sources/pool/source.py"])
    # Bytecode that Python takes without looking at the source (PEP 552, unchecked).
    evil = put(tmp_path, "evil.py", "raise SystemExit('evil ran')\n")
    cache = home / "sources" / "pool" / "__pycache__" / f"source.{sys.implementation.cache_tag}.pyc"
    make = (
        "import py_compile, sys; py_compile.compile(sys.argv[1], cfile=sys.argv[2], dfile=sys.argv[3], "
        "invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)"
    )
    subprocess.run([sys.executable, "-c", make, evil, cache, path], check=True)
    imported = "import sys; sys.path.insert(0, str(home / 'sources' / 'pool')); import source"
    put(home, "sources/pool/ext.so", "")
    extension = (
        "from importlib.machinery import ExtensionFileLoader, ModuleSpec\n"
        "file = str(home / 'sources' / 'pool' / 'ext.so')\n"
        "loader = ExtensionFileLoader('ext', file)\n"
        "loader.create_module(ModuleSpec('ext', loader, origin=file))"
    )
    library = "import ctypes; ctypes.CDLL(str(home / 'sources' / 'pool' / 'ext.so'))"
    loaded = (
        "from importlib.machinery import SourcelessFileLoader\n"
        f"exec(SourcelessFileLoader('source', {str(cache)!r}).get_code('source'))"
    )
    said = tried(
        home, ("run", imported), ("source", "pool"), ("run", extension), ("run", library),
        ("run", "import ext"), guarded=tmp_path / "another",
    )  # fmt: skip
    # The source is what was allowed, whatever lies beside it.
    assert said[:2] == ["ran", "ran"]
    assert f"sources/pool/ext.so {REFUSED}" in said[2]
    assert f"sources/pool/ext.so {REFUSED}" in said[3]
    assert said[4].startswith("ModuleNotFoundError")
    # Loaded by hand, it is refused by the source that it names, which was not compiled here.
    assert f"sources/pool/source.py {REFUSED}" in tried(home, ("run", loaded))[0]


def test_a_file_that_is_changed_between_the_check_and_the_load_runs_as_it_was_checked(tmp_path):
    home = tmp_path / "home"
    put(home, "strategies/mine.py", STRATEGY)
    AllowedPrograms(home).allow(["strategies/mine.py"])
    swap = (
        "from vigie.adapters.stores.programs import AllowedPrograms\n"
        "check = AllowedPrograms.is_allowed\n"
        "def then_swapped(self, name, content):\n"
        "    found = check(self, name, content)\n"
        "    (home / name).write_text('raise RuntimeError(1)')\n"
        "    return found\n"
        "AllowedPrograms.is_allowed = then_swapped\n"
    )
    said = tried(home, ("run", swap), ("strategy", "mine"), ("strategy", "mine"))
    assert said[1] == "ran"
    assert f"strategies/mine.py {REFUSED}" in said[2]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_links_change_neither_what_is_allowed_nor_where_it_lies(tmp_path):
    home, alias, elsewhere = tmp_path / "home", tmp_path / "alias", tmp_path / "elsewhere"
    put(elsewhere, "shared.py", STRATEGY)
    put(elsewhere, "pool/source.py", "def open_feeds(site): return {}\n")
    put(home, "strategies/plain.py", STRATEGY)
    (home / "sources").mkdir()
    os.symlink(elsewhere / "shared.py", home / "strategies" / "linked.py")
    os.symlink(elsewhere / "pool", home / "sources" / "pool")
    os.symlink(home, alias)
    steps = (("strategy", "linked"), ("source", "pool"), ("strategy", "plain"))
    said = tried(home, *steps)
    assert [REFUSED in one for one in said] == [True] * 3
    # The guard and the program may name the home by different ways.
    assert all(REFUSED in one for one in tried(alias, *steps, guarded=home))
    assert all(REFUSED in one for one in tried(home, *steps, guarded=alias))
    programs = AllowedPrograms(home)
    names = [one.name for one in programs.list_programs()]
    assert names == ["sources/pool/source.py", "strategies/linked.py", "strategies/plain.py"]
    programs.allow(names)
    assert tried(home, *steps) == ["ran"] * 3
    put(elsewhere, "shared.py", STRATEGY + "# changed\n")
    assert REFUSED in tried(home, *steps)[0]


def test_the_list_names_content_refuses_unknown_names_and_says_when_it_is_broken(tmp_path):
    put(tmp_path, "strategies/mine.py", STRATEGY)
    programs = AllowedPrograms(tmp_path)
    assert not programs.is_listed()
    with pytest.raises(
        NotFound, match=r"there is no program mine.py; programs of this home: strategies/mine.py"
    ):
        programs.allow(["mine.py"])
    assert not programs.is_listed()
    programs.allow(["strategies/mine.py"])
    [found] = programs.list_programs()
    assert found.is_allowed
    list_ = tmp_path / "programs" / "allowed.json"
    assert os.name != "posix" or list_.stat().st_mode & 0o077 == 0
    programs.forbid(["strategies/mine.py"])
    assert not programs.list_programs()[0].is_allowed
    list_.write_text('{"format": 2}')
    with pytest.raises(ConfigError, match="remove it, then allow them again: vigie programs allow"):
        programs.list_programs()


def test_a_process_keeps_one_guard_whatever_it_is_asked_to_guard(tmp_path):
    code = (
        "import sys; from pathlib import Path; from vigie.adapters.program_guard import guard\n"
        "added = []; add = sys.addaudithook\n"
        "sys.addaudithook = lambda hook: (added.append(hook), add(hook))\n"
        "[guard(Path(home)) for home in sys.argv[1:]]; print(len(added))"
    )
    homes = [tmp_path / "a", tmp_path / "b", tmp_path / "a"]
    done = subprocess.run([sys.executable, "-c", code, *homes], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="its library has another name elsewhere")
def test_working_in_the_home_makes_no_library_nor_template_a_program_of_it(tmp_path):
    home = tmp_path / "home"
    put(home, "x.py", "X = 1\n")
    steps = (
        ("run", "import ctypes; ctypes.CDLL('libc.so.6')"),
        ("run", "exec(compile('x = 1', 'page.html', 'exec'))"),
        ("run", "import runpy; runpy.run_path('x.py')"),
        ("run", "import sys; sys.path.insert(0, ''); import x"),
    )
    said = tried(home, *steps, folder=home)
    assert said[:2] == ["ran", "ran"]
    assert all(f"x.py {REFUSED}" in one for one in said[2:])


def test_what_lies_outside_the_home_is_none_of_its_business(tmp_path):
    put(tmp_path, "outside.py", "X = 1\n")
    assert tried(
        tmp_path / "home", ("run", f"import runpy; runpy.run_path({str(tmp_path / 'outside.py')!r})")
    ) == ["ran"]
    assert Path(tmp_path / "home").exists() is False
