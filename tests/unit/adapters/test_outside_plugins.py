"""Plug-ins from outside: every file counts for the hash, no fault spoils another, nothing runs before it is allowed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from tests.plugins import forgetting
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.kinds import KINDS, open_kind_of
from vigie.adapters.plugins.loading import directory_of
from vigie.adapters.plugins.scaffold import create_plugin
from vigie.adapters.sources.news.listing import SHIPPED, feeds
from vigie.adapters.stores.programs import FILE, FOLDER, AllowedPrograms
from vigie.domain.errors import ConfigError, NotFound, UsageError

NAME = "plugins/lanterns"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_plugin(open_kind_of("source"), "lanterns", tmp_path / "home" / "plugins")
    return tmp_path / "home"


def made(path: Path) -> Path:
    path.touch()
    return path


def write(key: str, value: str) -> Callable[[Path], object]:
    """Return what gives a key of the manifest another value."""

    def change(folder: Path) -> None:
        manifest = folder / "manifest.toml"
        lines = manifest.read_text("utf-8").splitlines()
        kept = [line for line in lines if line.partition(" = ")[0] != key]
        manifest.write_text("\n".join([f"{key} = {value}", *kept]), "utf-8")

    return change


def plugins(home: Path) -> OutsidePlugins:
    return OutsidePlugins(home, path=[])


def info(home: Path):
    (found,) = plugins(home).list_plugins()
    return found


def test_a_plugin_is_off_until_it_is_allowed_and_says_what_it_declares(home):
    found = info(home)
    assert (found.name, found.kind, found.origin) == (NAME, "source", "home")
    assert (found.hosts, found.secrets, found.fault) == (("api.example.org",), (), "")
    assert not found.is_on
    assert plugins(home).allow(NAME).is_on
    assert info(home).is_on
    listed = json.loads((home / FOLDER / FILE).read_text("utf-8"))["allowed"]
    assert listed == {NAME: found.sha256}
    plugins(home).forbid(NAME)
    assert not info(home).is_on


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "source.py").write_text("x = 1\n"),
        lambda folder: (folder / "manifest.toml").open("a").write("# Changed.\n"),
        lambda folder: (folder / "data.csv").write_text("1\n"),
        lambda folder: (folder / "simulated.py").unlink(),
        lambda folder: (folder / "simulated.py").rename(folder / "simulation.py"),
        lambda folder: (folder / "deeper").mkdir() or (folder / "deeper" / "x.py").write_text(""),
    ],
    ids=["program", "manifest", "data", "gone", "renamed", "deeper"],
)
def test_any_change_of_its_files_turns_it_off_again(home, change):
    plugins(home).allow(NAME)
    change(home / "plugins" / "lanterns")
    assert not info(home).is_allowed


def test_bytecode_that_python_leaves_is_no_change_and_is_never_run(home):
    plugins(home).allow(NAME)
    cache = home / "plugins" / "lanterns" / "__pycache__"
    cache.mkdir()
    (cache / "source.cpython-311.pyc").write_bytes(b"not what was allowed")
    assert info(home).is_on
    with forgetting():
        (program,) = directory_of(plugins(home)).programs("source")
        assert callable(program.open_feeds)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('kind = "source"', 'kind = "venue"'), "kind must be one of"),
        (('kind = "source"', 'kind = "page"'), "kind must be one of"),
        (('kind = "source"', 'kind = "sauce"'), "kind must be one of"),
        (('id = "lanterns"', 'id = "lights"'), "id must be the folder's name"),
        (('title = "Lanterns"', "title = 3"), "title must be text"),
        (
            ("secrets = []", 'secrets = ["VIGIE_BITGET_KEY"]'),
            "secrets must be empty or name VIGIE_LANTERNS_KEY",
        ),
        (("stores = []", 'stores = "facts"'), "stores must be a list"),
        (("burst = 2", "burst = 0"), "burst must be a number above 0"),
        (("burst = 2", "bust = 2"), "missing: burst"),
        (("burst = 2", "burst = 2\nmore = 1"), "unknown: more"),
        (("id = ", "id "), "is not valid TOML"),
    ],
)
def test_a_manifest_that_cannot_be_is_a_fault_that_allowing_refuses(home, change, fault):
    manifest = home / "plugins" / "lanterns" / "manifest.toml"
    text = manifest.read_text("utf-8")
    assert change[0] in text
    manifest.write_text(text.replace(*change), "utf-8")
    assert fault in info(home).fault
    assert str(home) not in info(home).fault
    with pytest.raises(ConfigError, match="cannot be allowed"):
        plugins(home).allow(NAME)


def test_links_and_compiled_code_are_refused(home):
    folder = home / "plugins" / "lanterns"
    compiled = folder / f"fast{EXTENSION_SUFFIXES[0]}"
    compiled.write_bytes(b"\x7fELF")
    assert "must not contain compiled code" in info(home).fault
    compiled.unlink()
    os.symlink(home, folder / "home")
    assert "must not contain links, has home" in info(home).fault


def test_a_name_of_one_of_vigies_and_a_missing_program_are_faults(home):
    folder = home / "plugins"
    (folder / "lanterns" / "manifest.toml").rename(folder / "lanterns" / "kept.toml")
    assert "lanterns/manifest.toml is missing" in info(home).fault
    (folder / "lanterns").rename(folder / "mempool")
    text = (folder / "mempool" / "kept.toml").read_text("utf-8").replace("lanterns", "mempool")
    (folder / "mempool" / "manifest.toml").write_text(text, "utf-8")
    assert "Vigie already has a source mempool" in info(home).fault
    (folder / "mempool" / "source.py").unlink()
    assert "mempool/source.py is missing" in info(home).fault


def test_a_channel_takes_neither_the_schemes_nor_the_settings_of_vigies(home):
    create_plugin(open_kind_of("notifier"), "pigeon", home / "plugins")
    manifest = home / "plugins" / "pigeon" / "manifest.toml"
    text = manifest.read_text("utf-8")
    for given, fault in (
        ('schemes = ["https"]', "schemes must not be those of Vigie's channels, has https"),
        ('schemes = ["*"]', "schemes must not be those of Vigie's channels"),
        ('schemes = ["discord"]', "schemes must not be those of Vigie's channels, has discord"),
        ('schemes = ["pigeon", "ntfys"]', "schemes must not be those of Vigie's channels, has ntfys"),
        ('schemes = ["\\u001b[31m"]', "schemes must use only a-z"),
        ('schemes = [""]', "settings and simulated must be empty"),
    ):
        manifest.write_text(text.replace('schemes = ["pigeon"]', given), "utf-8")
        assert (
            fault in {one.id or one.name: one for one in plugins(home).list_plugins()}["plugins/pigeon"].fault
        )
    manifest.write_text(text.replace("settings = []", 'settings = ["smtp_url"]'), "utf-8")
    assert "settings and simulated must be empty" in plugins(home).content("plugins/pigeon").info.fault


def test_one_that_cannot_be_run_is_left_out_and_spoils_no_other(home):
    create_plugin(open_kind_of("source"), "broken", home / "plugins")
    (home / "plugins" / "broken" / "source.py").write_text("1 / 0\n", "utf-8")
    for name in ("plugins/broken", NAME):
        plugins(home).allow(name)
    with forgetting():
        programs = directory_of(plugins(home)).programs("source")
        assert [program.__name__ for program in programs] == ["vigie_plugin_lanterns.source"]


GUARDED = """
import sys
from pathlib import Path
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.loading import load_plugin
from vigie.adapters.program_guard import guard
home = Path(sys.argv[1])
guard(home)
content = OutsidePlugins(home, path=[]).content("plugins/lanterns")
print(callable(load_plugin(content).open_feeds))
(home / "plugins" / "lanterns" / "more.py").write_text("x = 1")
try:
    exec(compile("x = 1", str(home / "plugins" / "lanterns" / "more.py"), "exec"))
except Exception as fault:
    print(type(fault).__name__)
"""


def test_a_process_that_runs_unattended_runs_allowed_plugins_only(home):
    plugins(home).allow(NAME)
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(home)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["True", "Forbidden"], done.stderr


def test_packages_are_found_by_their_entry_point_alone(tmp_path):
    site = tmp_path / "site"
    create_plugin(open_kind_of("source"), "lanterns", site)
    info_folder = site / "lanterns-1.2.dist-info"
    info_folder.mkdir()
    (info_folder / "METADATA").write_text("Metadata-Version: 2.1\nName: lanterns\nVersion: 1.2\n")
    entry = info_folder / "entry_points.txt"
    outside = OutsidePlugins(tmp_path / "empty", path=[str(site)])
    assert outside.list_plugins() == []
    entry.write_text("[vigie.plugins]\nlanterns = lanterns\n")
    (found,) = outside.list_plugins()
    assert (found.name, found.version, found.fault) == ("packages/lanterns", "1.2", "")
    for value in ("lanterns.source", "lanterns:open", "lights", "nowhere"):
        entry.write_text(f"[vigie.plugins]\nlanterns = {value}\n")
        (found,) = outside.list_plugins()
        assert "the entry point must be" in found.fault, value
    assert "lanterns" not in sys.modules


def test_two_with_one_name_are_both_off(home, tmp_path):
    site = tmp_path / "site"
    create_plugin(open_kind_of("source"), "lanterns", site)
    (site / "lanterns-1.dist-info").mkdir()
    (site / "lanterns-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: lanterns\nVersion: 1\n"
    )
    (site / "lanterns-1.dist-info" / "entry_points.txt").write_text("[vigie.plugins]\nlanterns = lanterns\n")
    found = OutsidePlugins(home, path=[str(site)]).list_plugins()
    assert [one.fault for one in found] == ["several plug-ins are called lanterns"] * 2


def packaged(tmp_path: Path, kind: str, name: str) -> OutsidePlugins:
    """Return the plug-ins of the home and of one installed package."""
    site = tmp_path / "site"
    create_plugin(open_kind_of(kind), name, site)
    folder = site / f"{name}-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[vigie.plugins]\n{name} = {name}\n")
    return OutsidePlugins(tmp_path / "home", path=[str(site)])


@pytest.mark.parametrize("kind", ["source", "notifier", "strategy"])
def test_a_newcomer_of_any_kind_takes_no_name_from_an_allowed_plugin(home, tmp_path, kind):
    plugins(home).allow(NAME)
    both = packaged(tmp_path, kind, "lanterns")
    newcomer, allowed = both.list_plugins()
    assert (allowed.name, allowed.is_on) == (NAME, True)
    assert newcomer.fault == "several plug-ins are called lanterns"
    with pytest.raises(ConfigError, match="cannot be allowed: several plug-ins"):
        both.allow("packages/lanterns")


def test_two_allowed_plugins_with_one_name_are_both_off(home, tmp_path):
    plugins(home).allow(NAME)
    both = packaged(tmp_path, "source", "lanterns")
    AllowedPrograms(home).allow_digests({one.name: one.sha256 for one in both.list_plugins()})
    assert [one.fault for one in both.list_plugins()] == ["several plug-ins are called lanterns"] * 2


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("source", "bitget"),
        ("source", "language"),
        ("source", "world"),
        ("notifier", "coingecko"),
        ("notifier", "mail_office"),
        ("source", "ethereum"),
        ("strategy", "keyed feed"),
    ],
)
def test_an_id_whose_key_is_of_vigies_own_is_a_fault(tmp_path, kind, name):
    home = tmp_path / "another"
    if name == "keyed feed":
        name = next(entry.id for entry in feeds(SHIPPED) if entry.key_header)
    create_plugin(open_kind_of(kind), "free", home / "plugins")
    manifest = home / "plugins" / "free" / "manifest.toml"
    manifest.write_text(manifest.read_text("utf-8").replace("free", name), "utf-8")
    (home / "plugins" / "free").rename(home / "plugins" / name)
    assert f"id must not be {name}, whose key is of Vigie's own" in info(home).fault
    with pytest.raises(UsageError, match="has a key of Vigie's own"):
        create_plugin(open_kind_of(kind), name, tmp_path / "new")


def test_an_id_of_an_own_source_is_a_fault(home):
    (home / "sources" / "lanterns").mkdir(parents=True)
    assert "an own source is called lanterns" in info(home).fault


def test_two_channels_take_no_scheme_from_each_other(tmp_path):
    home = tmp_path / "another"
    for name in ("parrot", "pigeon"):
        create_plugin(open_kind_of("notifier"), name, home / "plugins")
    plugins(home).allow("plugins/pigeon")
    manifest = home / "plugins" / "parrot" / "manifest.toml"
    manifest.write_text(
        manifest.read_text("utf-8").replace('schemes = ["parrot"]', 'schemes = ["pigeon"]'), "utf-8"
    )
    parrot, pigeon = plugins(home).list_plugins()
    assert parrot.fault == "several plug-ins take addresses pigeon://"
    assert (pigeon.schemes, pigeon.is_on) == (("pigeon",), True)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda folder: (folder / "manifest.toml").write_text(f"a = {'[' * 20_000}"), "is not valid TOML"),
        (lambda folder: os.mkfifo(folder / "data.csv"), "must contain regular files only, has data.csv"),
        (lambda folder: os.truncate(made(folder / "data.csv"), 10**12), "must have at most 20 MB"),
        (lambda folder: [made(folder / f"{i}.csv") for i in range(2_001)], "must have at most 2000 files"),
        (lambda folder: made(folder / "data\x1b[31m.so"), "has data\\x1b[31m.so"),
        (lambda folder: folder.rename(folder.with_name("a\x1b[31m")), "the folder's name must use only"),
        (write("title", '"\\u001b[31m"'), "title must be printable"),
        (write("docs", '"https://x\\u202e"'), "docs must be printable"),
        (write("stores", '["\\u001b[31m"]'), "stores must be a list of texts"),
        (write("secrets", '["\\n"]'), "secrets must be a list of texts"),
        (write('"\\u001b[31m"', "1"), "unknown: \\x1b[31m"),
        (write("live_url", '"https://a~b.example.org"'), "hosts must be names of hosts or *, has 'a~b.example.org'"),
    ],
    ids=["nested", "fifo", "sparse", "many", "file", "folder", "title", "docs", "stores", "secrets", "key", "host"],
)  # fmt: skip
def test_what_nobody_allowed_is_a_fault_of_its_own_and_commands_no_terminal(home, spoil, fault):
    create_plugin(open_kind_of("source"), "lights", home / "plugins")
    plugins(home).allow("plugins/lights")
    spoil(home / "plugins" / "lanterns")
    spoilt, other = sorted(plugins(home).list_plugins(), key=lambda one: one.is_on)
    assert fault in spoilt.fault
    assert (spoilt.name + spoilt.fault).isprintable()
    assert (other.name, other.is_on) == ("plugins/lights", True)


def test_a_name_that_is_not_there_and_a_kind_that_stays_inside_are_refused(home):
    with pytest.raises(NotFound, match="there is no plug-in plugins/other; plug-ins: plugins/lanterns"):
        plugins(home).allow("plugins/other")
    with pytest.raises(
        UsageError, match="venues cannot come from outside; kinds that can: strategy, indicator, metric"
    ):
        open_kind_of("venue")
    with pytest.raises(UsageError, match="kind must be one of strategy, indicator"):
        open_kind_of("sauce")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_lists_what_comes_with_vigie(kind):
    assert len(kind.shipped()) >= 3
    assert len(set(kind.shipped())) == len(kind.shipped())
