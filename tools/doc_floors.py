"""The drawing of the house, from the contract on imports and the imports there are."""

from __future__ import annotations

import tomllib
from collections import Counter
from html import escape
from importlib import import_module
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
BESIDE = ("adapters", "vigie_sandbox")
WIDTH, ROW, GAP, COLUMN = 860, 62, 14, 560


def floors() -> list[list[str]]:
    """Return the floors from the roof down, as the contract names them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    named = [[name.strip(" ()").removeprefix("vigie.") for name in row.split("|")] for row in rows]
    return [[name for name in row if exists(name)] for row in named]


def exists(wing: str) -> bool:
    """Tell whether a wing is there; the contract may name one that is to come."""
    folder = ROOT / "src" / "vigie"
    return (folder / wing).is_dir() or (folder / f"{wing}.py").is_file()


def wing_of(module: str) -> str:
    """Return the wing a module belongs to; a package beside `vigie` is one."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "vigie" else package


def traffic() -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Count imports from wing to wing, and modules a wing."""
    graph = grimp.build_graph("vigie", "vigie_sandbox")
    edges: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = wing_of(module), wing_of(imported)
            if all(pair) and pair[0] != pair[1]:
                edges[pair] += 1
    return edges, Counter(wing_of(module) for module in graph.modules if wing_of(module))


def sentence(wing: str) -> str:
    """Return the first sentence of a wing's face."""
    module = import_module("vigie_sandbox") if wing == "vigie_sandbox" else import_module(f"vigie.{wing}")
    doc = module.__doc__ or ""
    return " ".join(doc.strip().split("\n\n")[0].split()).split(". ")[0].rstrip(".")


def clipped(text: str, length: int) -> str:
    """Return text that fits into a box, cut at a word."""
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def box(
    name: str, x: int, y: int, width: int, edges: Counter[tuple[str, str]], sizes: Counter[str]
) -> list[str]:
    """Draw one wing: its name, what it is, what it imports."""
    uses = ", ".join(f"{other} {count}" for (source, other), count in sorted(edges.items()) if source == name)
    fit = width // 7
    shown = escape(clipped(f"imports {uses}", fit)) if uses else ""
    return [
        f'<g class="wing"><rect x="{x}" y="{y}" width="{width}" height="{ROW}" rx="6"/>',
        f'<text class="name" x="{x + 14}" y="{y + 22}">{escape(name)}</text>',
        f'<text class="count" x="{x + width - 14}" y="{y + 22}" text-anchor="end">{sizes[name]} modules</text>',
        f'<text class="what" x="{x + 14}" y="{y + 39}">{escape(clipped(sentence(name), fit))}</text>',
        f'<text class="uses" x="{x + 14}" y="{y + 54}">{shown}</text></g>',
    ]


def drawing() -> str:
    """Return the house as an SVG that takes its colours from the page."""
    edges, sizes = traffic()
    rows = floors()
    height = len(rows) * (ROW + GAP) + GAP
    parts: list[str] = []
    for number, row in enumerate(rows):
        width = (COLUMN - GAP * (len(row) - 1)) // len(row)
        y = GAP + number * (ROW + GAP)
        for place, name in enumerate(row):
            parts += box(name, 10 + place * (width + GAP), y, width, edges, sizes)
    side, aside = COLUMN + 40, WIDTH - COLUMN - 50
    for number, name in enumerate(BESIDE):
        y = height - (len(BESIDE) - number) * (ROW + GAP)
        parts += box(name, side, y, aside, edges, sizes)
        parts.append(f'<path d="M {side} {y + ROW // 2} L {COLUMN + 10} {y + ROW // 2}" class="arrow"/>')
    label = "The wings of the package, from the commands at the top down to the words of the domain."
    return (
        f'<svg class="house" width="100%" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" '
        'xmlns="http://www.w3.org/2000/svg"><style>'
        ".house{max-width:100%;height:auto;font-family:inherit}"
        ".house rect{fill:none;stroke:currentColor;stroke-opacity:.45}.house text{fill:currentColor}"
        ".house .name{font-weight:700;font-size:15px}.house .what{font-size:12px}"
        ".house .uses,.house .count{font-size:11px;opacity:.7}"
        ".house .arrow{stroke:currentColor;stroke-opacity:.45;stroke-dasharray:4 3;fill:none}"
        f"</style>{''.join(parts)}</svg>"
    )


def page() -> str:
    """Return the drawing with the table of imports below it."""
    edges, _ = traffic()
    order = [name for row in floors() for name in row] + [*BESIDE]
    lines = [f"<div>{drawing()}</div>", "", "| wing | imports |", "|---|---|"]
    for name in order:
        uses = [f"{other} ({count})" for (source, other), count in sorted(edges.items()) if source == name]
        lines.append(f"| {name} | {', '.join(uses) or 'nothing of ours'} |")
    return "\n".join([*lines, ""])
