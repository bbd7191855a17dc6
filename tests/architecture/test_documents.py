"""Documents say what is: pages are linked, names and commands in them exist, examples are cases that run."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import sys

import pytest
import typer.main
import yaml

from tests.architecture.source_tree import ROOT
from vigie.domain.codes import REFUSALS
from vigie.run_file import read_run_file
from vigie.views.cli.main import app

sys.path.insert(0, str(ROOT / "tools"))

import doc_commands
import doc_floors
import doc_glossary
from build_docs import outside_requests

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if not {"_generated", "roadmap"} & set(path.parts))
EVERYWHERE = [*PAGES, *(path for path in sorted(ROOT.glob("*.md")))]
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
# Files of a home, not modules.
FILES = {"vigie.toml", "vigie.sqlite"}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMAND = typer.main.get_command(app)


def nav_pages(tree):
    """Yield every page that the table of contents names."""
    for entry in tree if isinstance(tree, list) else tree.values():
        if isinstance(entry, str):
            yield entry
        else:
            yield from nav_pages(entry)


def blocks(path, language):
    """Return the code blocks of a page in one language."""
    return [body for kind, body in FENCE.findall(path.read_text(encoding="utf-8")) if kind == language]


def shell_commands():
    """Yield (page, words) for every call of vigie that a page shows."""
    for path in EVERYWHERE:
        for block in blocks(path, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("vigie "):
                    yield pytest.param(shlex.split(line, comments=True)[1:], id=f"{path.name}: {line[:60]}")


def test_every_page_is_in_the_table_of_contents():
    listed = list(nav_pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    assert sorted(listed) == [path.relative_to(DOCS).as_posix() for path in PAGES]


def test_the_table_of_contents_has_the_four_kinds_of_pages():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert [next(iter(entry)) for entry in nav if isinstance(entry, dict)] == [
        "Tutorials", "How-to guides", "Reference", "Explanation",
    ]  # fmt: skip


KNOWN = {
    path: section
    for path in (*EVERYWHERE, *sorted((DOCS / "roadmap").glob("*.md")))
    for section in re.findall(
        r"^## Known (?:broken|limits)$(.*?)(?=^## |\Z)", path.read_text(encoding="utf-8"), re.M | re.S
    )
}


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_known_to_be_broken_says_what_effect_and_way_round(path):
    heads = KNOWN[path].count("| what | effect | way round |\n|---|---|---|\n")
    rows = [line for line in KNOWN[path].splitlines() if line.startswith("|")]
    assert heads >= 1
    assert [row for row in rows if row.count(" | ") != 2] == ["|---|---|---|"] * heads
    assert not re.search(r"^\s*[-*] ", KNOWN[path], re.M), "a list"


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_and_files_named_in_documents_exist(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    missing = [
        name for name in re.findall(r"`(vigie(?:\.\w+)+)", text) if name not in FILES and not resolves(name)
    ]
    named = re.findall(r"`((?:src|tests|docs|tools|benchmarks|requirements)/[\w./-]+)`", text)
    missing += [
        name for name in named if "NAME" not in name and "NNNN" not in name and not (ROOT / name).exists()
    ]
    assert missing == []


def resolves(name):
    """Tell whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found is not None
    return name == "vigie.toml"


@pytest.mark.parametrize("words", list(shell_commands()))
def test_commands_shown_in_documents_can_be_called(words):
    command = COMMAND
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    assert not hasattr(command, "commands") or not words or words[0].startswith("-"), f"no command {words[0]}"
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "--version"}
    assert [word for word in words if word.startswith("--") and word.split("=")[0] not in known] == []


def test_run_files_shown_in_documents_are_read(tmp_path):
    shown = [(path, body) for path in EVERYWHERE for body in blocks(path, "toml") if "[[slots]]" in body]
    assert shown
    for number, (_, body) in enumerate(shown):
        file = tmp_path / f"{number}.toml"
        file.write_text(body, encoding="utf-8")
        read_run_file(file)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_every_decision_has_its_four_parts_and_is_listed(path):
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.M)
    assert headings == ["Context", "Choice", "Price paid", "What would change our mind"]
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert f"({path.name})" in (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80, "one page"


def test_decisions_are_numbered_without_holes():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize(
    "technology",
    [
        "TensorFlow",
        "Streamlit",
        "Shiny",
        "Flask",
        "React",
        "WebSocket to the browser",
        "seaborn",
        "Bars in SQL",
    ],
)
def test_technologies_that_people_expect_are_answered(technology):
    titles = [path.read_text(encoding="utf-8").splitlines()[0].split(". ", 1)[1] for path in DECISIONS]
    assert technology in titles


def test_examples_of_the_fill_model_are_cases_with_these_numbers():
    text = (DOCS / "fill-model.md").read_text(encoding="utf-8")
    examples = re.findall(r"^> \*\*([^*]+)\.\*\* ((?:.*\n)(?:^>.*\n)*)", text, re.M)
    cases = {
        case["name"]: case for case in json.loads((ROOT / "tests/data/cases/fill_model.json").read_text())
    }
    assert len(examples) >= 12
    for name, body in examples:
        case = cases[name]
        numbers = [float(found.replace(",", "")) for found in re.findall(r"\*\*(-?[\d.,]*\d)\*\*", body)]
        given = {
            round(v, 8) for trade in case["trades"] for v in trade.values() if isinstance(v, int | float)
        }
        assert [number for number in numbers if number not in given] == [], name
        codes = [code for code in re.findall(r"`(\w+)`", body) if code in REFUSALS.values()]
        assert codes == [refusal[1] for refusal in case["refusals"]][: len(codes)], name


def test_the_fill_model_names_every_code_of_its_own():
    text = (DOCS / "fill-model.md").read_text(encoding="utf-8")
    own = [word for number, word in REFUSALS.items() if number < 60]
    assert [word for word in own if f"`{word}`" not in text] == []


def test_the_reference_has_every_command():
    page = doc_commands.page()
    paths = [" ".join(path) for path, _ in doc_commands.commands(COMMAND)]
    assert [path for path in paths if f"## {path}\n" not in page] == []
    assert "[bold]" not in page


def test_the_glossary_has_every_word_and_code():
    page = doc_glossary.page()
    for word in ("Bars", "InstrumentId", "SlotId", "Criterion", "GridStep", "Protections", "VigieError"):
        assert f"### {word}\n" in page
    assert [code for code in REFUSALS.values() if f"`{code}`" not in page] == []


def test_the_drawing_shows_every_floor():
    page = doc_floors.page()
    names = [name for row in doc_floors.floors() for name in row]
    assert len(names) > 8
    assert [name for name in names if f">{name}</text>" not in page] == []


def test_a_page_that_would_fetch_from_elsewhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<script src="https://cdn.example/x.js"></script><a href="https://b.example">b</a>'
    )
    (tmp_path / "b.html").write_text('<link rel="stylesheet" href="//cdn.example/x.css"><img src="x.png">')
    found = outside_requests(tmp_path)
    assert [line.split(":")[0] for line in found] == ["a.html", "b.html"]
