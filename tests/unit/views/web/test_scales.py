"""The browser writes amounts as the server does: its own table of scales never differs from the server's."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.architecture.source_tree import ROOT
from vigie.catalogue import languages
from vigie.intelligence.market.words import scales_of_amounts
from vigie.views.web.language import UserLanguage
from vigie.views.web.script_texts import describe_language

sys.path.insert(0, str(ROOT / "tools"))

import build_assets

ASKED = """
const { build } = await import("esbuild");
const made = await build({ entryPoints: ["src/format.ts"], bundle: true, format: "esm", write: false });
const code = Buffer.from(made.outputFiles[0].contents).toString("base64");
const { formats } = await import(`data:text/javascript;base64,${code}`);
const [language, asked] = JSON.parse(process.argv[1]);
const short = { s: "s", min: "min", h: "h", d: "d" };
console.log(JSON.stringify(asked.map(([value, unit]) => formats(language, short).unit(value, unit))));
"""
STEPS = sorted(step for step, _ in scales_of_amounts("en"))
UNITS = ("usd", "coins", "count", "index", "price", "")
# Each step itself, well inside it, and where rounding just stays below it or already reaches it; no halves,
# which the two round each in its own way.
VALUES = [factor * step for step in STEPS for factor in (1.0, 2.346, 68.4, 0.99999, 0.999_999_9)] + [
    0.0,
    0.00001,
    0.0423,
    25.9,
]


@pytest.mark.parametrize("language", languages())
def test_browser_and_server_write_the_same_amounts(language):
    node = build_assets.any_node()
    build_assets.fetch_modules(ROOT, node, with_dev=False, tell=lambda _text: None)
    asked = [(sign * value, unit) for value in VALUES for sign in (1, -1) for unit in UNITS]
    told = subprocess.run(
        [*node.node, "--input-type=module", "-e", ASKED, json.dumps([describe_language(language), asked])],
        cwd=ROOT / "frontend", capture_output=True, text=True, check=True, encoding="utf-8",
    ).stdout  # fmt: skip
    lang = UserLanguage(language)
    wanted = [lang.unit(value, unit) for value, unit in asked]
    assert json.loads(told) == wanted
    said = " ".join(wanted)
    # Every scale of a column is among them; thousands are written out.
    assert all(word in said for step, word in scales_of_amounts(language) if step >= 1e6)


def test_scripts_know_english_as_the_server_does():
    known = (ROOT / "frontend" / "src" / "texts.ts").read_text("utf-8").split("SPOKEN_ENGLISH: Spoken = ")[1]
    told = re.sub(r"(\w+): ", r'"\1": ', known.split(";")[0])
    assert json.loads(re.sub(r",\s*}$", "}", told)) == json.loads(json.dumps(describe_language("en")))
