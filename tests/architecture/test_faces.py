"""Folders say what is in them: faces name their modules, registries are their folders, names say something."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from tests.architecture.source_tree import PACKAGE, PACKAGES, ROOT, modules, shown_path

FACES = sorted(
    path for package in PACKAGES for path in package.rglob("__init__.py") if path.parent != PACKAGE
)
# Folders that are registries: a file more is an entry more, and no list is kept by hand.
REGISTRIES = {
    "trading/strategies",
    "quant/features",
    "quant/indicators",
    "intelligence/news/steps",
    "services/operations",
    "services/running/work",
    "views/web/pages",
}
# What a page's folder may hold is said once, in the face above it.
PAGES = "views/web/pages/"
EMPTY_WORDS = set("utils util helpers helper common misc manager managers base2 stuff tools".split())
ACCENTED = re.compile(r"[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f]")


def entries(face):
    """Return the public modules and packages beside a face."""
    files = {path.stem for path in face.parent.glob("*.py") if not path.stem.startswith("_")}
    folders = {
        path.parent.name for path in face.parent.glob("*/__init__.py") if not path.parent.name.startswith("_")
    }
    return files | folders


# Over a thousand modules: a test of its own for each would cost more than what is looked at.
def test_every_face_names_its_modules():
    unsaid = {}
    for face in FACES:
        text = face.read_text(encoding="utf-8")
        name = shown_path(face.parent)
        if name.startswith(PAGES):
            continue
        if name in REGISTRIES:
            assert "folder is the registry" in " ".join(text.split()), name
            continue
        if missing := {one for one in entries(face) if not re.search(rf"\b{re.escape(one)}\b", text)}:
            unsaid[name] = missing
    assert unsaid == {}, "a face does not say what these are"


def test_no_face_names_what_is_gone():
    gone = {}
    for face in FACES:
        doc = ast.get_docstring(ast.parse(face.read_text(encoding="utf-8"))) or ""
        if missing := set(re.findall(r"^([a-z_]+)  +\S", doc, re.M)) - entries(face):
            gone[shown_path(face.parent)] = missing
    assert gone == {}


def test_every_module_says_what_it_is():
    docs = {module.shown: ast.get_docstring(module.tree) or "" for module in modules()}
    assert [name for name, doc in docs.items() if not doc] == [], "these need a docstring"
    short = [name for name, doc in docs.items() if doc.startswith("Commands of ") and len(doc) <= 40]
    assert short == [], "these must say more"


def test_no_drawer_for_odds_and_ends():
    parts = {
        part
        for package in PACKAGES
        for path in package.rglob("*")
        for part in (path.stem, *path.relative_to(package).parts[:-1])
    }
    assert parts & EMPTY_WORDS == set()


def test_strategies_are_their_folder():
    from vigie.trading import catalogue

    folder = PACKAGE / "trading" / "strategies"
    # What trades plans is in the folder and in no list.
    assert {*catalogue.available(), catalogue.PLAN} == {path.stem for path in folder.glob("[!_]*.py")}
    assert [catalogue.load(name).name for name in catalogue.available()] == sorted(catalogue.available())


def test_every_indicator_file_is_in_the_registry():
    from vigie.quant.indicators import registry

    folder = PACKAGE / "quant" / "indicators"
    files = {path.stem for path in folder.glob("[!_]*.py")}
    homes = {entry.function.__module__.rsplit(".", 1)[1] for entry in registry().values()}
    assert homes == files


def test_every_venue_folder_has_a_manifest_and_is_found():
    from vigie.adapters.venues.manifest import manifests

    folders = {path.parent.name for path in (PACKAGE / "adapters" / "venues").glob("*/__init__.py")}
    assert {manifest.id for manifest in manifests()} == folders
    assert all((PACKAGE / "adapters" / "venues" / name / "manifest.toml").is_file() for name in folders)


def test_a_venue_is_named_only_in_its_own_folder():
    # Settings and the shipped instrument table are data; docstrings and examples may name a venue.
    named = []
    for module in modules():
        if module.shown.startswith(("adapters/venues/", "vigie_sandbox/exchange/")):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Compare | ast.If | ast.Match):
                words = [
                    c.value
                    for c in ast.walk(node)
                    if isinstance(c, ast.Constant) and isinstance(c.value, str)
                ]
                named += [
                    f"{module.shown}:{node.lineno} {w}"
                    for w in words
                    if w in {"bitget", "binance", "hyperliquid"}
                ]
    assert named == []


def names_and_comments(text):
    """Yield what a programmer writes that is neither text for people nor a citation."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NAME, tokenize.COMMENT):
            yield token


def accented(text):
    """Return names and comments that are not English; most files have no such letter anywhere."""
    return (
        [one for one in names_and_comments(text) if ACCENTED.search(one.string)]
        if ACCENTED.search(text)
        else []
    )


def test_code_is_written_in_english():
    found = [
        f"{path.relative_to(ROOT)}:{token.start[0]} {token.string}"
        for folder in ("src", "tests", "tools", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for token in accented(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_name_or_a_comment_that_is_not_english_is_found():
    planted = 'prix_élevé = "déjà"  # à revoir'
    assert [token.string for token in accented(planted)] == ["prix_élevé", "# à revoir"]
