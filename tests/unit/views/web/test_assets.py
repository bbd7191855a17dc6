"""Built scripts and styles: small enough, complete, licensed; colours that can be read; a build that runs once."""

from __future__ import annotations

import gzip
import json
import re
import sys

import pytest
from fontTools.ttLib import TTFont
from PIL import ImageFont

from tests.architecture.source_tree import ROOT
from tests.houses import Browser, house
from tests.unit.views.web.texts import CATALOGUE, po_of
from vigie.drawing.raster import FACES

sys.path.insert(0, str(ROOT / "tools"))

import build_assets

STATIC = build_assets.static(ROOT)
STYLES = ROOT / "frontend" / "styles"
FACES_OF_NPM = ROOT / "frontend" / "node_modules" / "@expo-google-fonts"
# Bytes of the font of pages.
FONT = 30_000
# Signs that a text shows now and then; the system draws them.
SELDOM: set[str] = set()
# One of the six, a part of its neighbour's, or between two of them.
SIZE = re.compile(r"var\(--t[1-6]\)|[\d.]+em|0|(max|clamp)\(var\(--t\d\), .*")
SAMPLE = "Bitcoin fell 5.9% in 31 minutes. Le bitcoin a perdu 5,9 % ; il vaut 93 072 $. Markets News Research"
# Bytes after Brotli.
BUDGETS = {
    "main.css": 15_000,
    "main.js": 25_000,
    "chart-library.js": 60_000,
    "chart.js": 20_000,
    "chart-tools.js": 10_000,
    "palette.js": 5_000,
    "figures.js": 3_000,
    "bell.js": 2_000,
}
SURFACES = ("page", "card", "hero", "sunken", "hover")


@pytest.fixture(scope="module")
def names():
    """The manifest; `make test` builds it before any test runs."""
    return json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))


def built(names, name):
    return (STATIC / names[name]).read_text(encoding="utf-8")


def test_built_files_are_those_of_the_sources():
    assert build_assets.is_fresh(ROOT), "run `python tools/build_assets.py`"


@pytest.mark.parametrize("name", sorted(BUDGETS))
def test_file_is_within_its_budget(names, name):
    size = (STATIC / f"{names[name]}.br").stat().st_size

    assert size <= BUDGETS[name], f"{name} must be at most {BUDGETS[name]} bytes, was {size}"


@pytest.mark.parametrize("name", sorted(BUDGETS))
def test_file_lies_beside_its_compressed_forms(names, name):
    packed = (STATIC / f"{names[name]}.gz").read_bytes()

    assert gzip.decompress(packed).decode() == built(names, name)


def test_first_script_waits_for_no_other_file(names):
    first = built(names, "main.js")

    assert not re.search(r"\bimport\s*[\"{*]", first)
    assert names["chart.js"] in first
    assert names["chart-library.js"] in built(names, "chart.js")


def test_own_chart_code_evaluates_no_text_and_makes_no_style_element(names):
    # htmx and the chart library hold such code for uses we do not make; the browser tests see that it never runs.
    code = built(names, "chart.js")

    assert not re.search(r"\beval\(|new Function|createElement\(.style.\)|innerHTML", code)


def test_style_sheet_asks_for_nothing_from_elsewhere(names):
    style = built(names, "main.css")
    assert re.findall(r"url\([\"']?\./([^)\"']+)", style) == [names["inter.woff2"]]
    assert len(re.findall(r"url\(", style)) == 1
    assert "@import" not in style


def test_licences_of_everything_shipped_are_shipped():
    text = (STATIC / "licences.txt").read_text(encoding="utf-8")

    for part in (
        "htmx.org",
        "lightweight-charts",
        "fancy-canvas",
        "SIL OPEN FONT LICENSE",
        "TradingView",
        "Apache License",
    ):
        assert part in text


def test_font_of_pages_is_small_and_has_both_weights_of_every_letter_that_is_said(names):
    said = {letter for text in (*po_of(CATALOGUE), *po_of(CATALOGUE).values()) for letter in text}
    path = STATIC / names["inter.woff2"]
    font = TTFont(path)
    letters = set(font.getBestCmap())
    missing = {letter for letter in said if letter.isprintable() and ord(letter) not in letters}
    assert missing <= SELDOM, missing - SELDOM
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [
        ("wght", 400, 600)
    ]
    assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert path.stat().st_size <= FONT


@pytest.mark.parametrize(
    ("weight", "ours", "theirs"),
    [(400, "inter/400Regular/Inter_400Regular", "arimo/400Regular/Arimo_400Regular"),
     (600, "inter/600SemiBold/Inter_600SemiBold", "arimo/700Bold/Arimo_700Bold")],
)  # fmt: skip
def test_font_that_stands_in_is_as_wide_as_the_one_that_comes(names, weight, ours, theirs):
    # Arimo has the widths of Arial.
    stand_in = re.search(
        rf'font-family:"?Inter fallback"?;font-weight:{weight};[^}}]*size-adjust:([\d.]+)%',
        built(names, "main.css"),
    )
    assert stand_in is not None
    first, second = (
        ImageFont.truetype(FACES_OF_NPM / f"{face}.ttf", 1000).getlength(SAMPLE) for face in (ours, theirs)
    )
    assert abs(first / second - float(stand_in[1]) / 100) < 0.01


@pytest.mark.parametrize("weight", [400, 600])
def test_font_that_stands_in_has_lines_as_high_as_the_one_that_comes(names, weight):
    """What a line reaches above and below is told in parts of the letters' size, which `size-adjust` has changed."""
    style = re.search(
        rf'font-family:"?Inter fallback"?;font-weight:{weight};[^}}]*', built(names, "main.css")
    )[0]
    told = {key: float(value) for key, value in re.findall(r"([a-z-]+):([\d.]+)%", style)}
    font = TTFont(STATIC / names["inter.woff2"])
    head, units = font["hhea"], font["head"].unitsPerEm
    ours = {"ascent": head.ascent, "descent": -head.descent, "line-gap": head.lineGap}
    for name, height in ours.items():
        shown = told[f"{name}-override"] / 100 * told["size-adjust"] / 100
        assert abs(shown - height / units) < 0.005, name


def test_font_is_asked_for_with_the_page_and_is_not_waited_for(names, tmp_path):
    (face,) = re.findall(r"@font-face\{font-family:Inter;[^}]*\}", built(names, "main.css"))
    assert "font-display:optional" in face
    assert f"url(./{names['inter.woff2']})" in face
    for path in ("/", "/welcome", "/nothing-here"):
        head = Browser(house(tmp_path / path[1:] / "home")).get(path).text.partition("</head>")[0]
        (asked,) = re.findall(r"<link rel=\"preload\"[^>]*>", head)
        assert names["inter.woff2"] in asked
        assert 'as="font"' in asked
        # A font is fetched without cookies; one that is fetched ahead with them is fetched twice.
        assert " crossorigin" in asked
        assert head.index(asked) < head.index('rel="stylesheet"')


def test_every_size_of_type_is_one_of_six_and_every_weight_one_of_two():
    for path in STYLES.glob("*.css"):
        style = path.read_text(encoding="utf-8")
        for size in re.findall(r"font-size:\s*([^;}]+)", style):
            assert re.fullmatch(
                r"(var\(--t[1-6]\)|[\d.]+em|0|max\(var\(--t\d\), .*\)|clamp\(var\(--t\d\), .*)", size
            ), (path.name, size)
        assert set(re.findall(r"font-weight:\s*(\d+)", style)) <= {"400", "600"}, path.name


def test_fonts_of_pictures_are_true_type():
    for face in [name for names in FACES.values() for name in names]:
        assert (STATIC / "fonts" / face).read_bytes()[:4] == b"\x00\x01\x00\x00"


def palette(*, is_dark):
    """Return the colours of a theme by token."""
    text = (STYLES / "tokens.css").read_text(encoding="utf-8").split("@media")[0]
    found = {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", text):
        pair = re.match(r"light-dark\((#\w{6}),\s*(#\w{6})\)", value)
        if pair:
            found[name] = pair.group(2 if is_dark else 1)
        elif re.fullmatch(r"#\w{6}", value):
            found[name] = value
    return found


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("text", ["text", "muted", "link", "up", "down", "warn"])
@pytest.mark.parametrize("surface", SURFACES)
def test_text_can_be_read_on_every_surface(is_dark, text, surface):
    colours = palette(is_dark=is_dark)
    found = contrast(colours[text], colours[surface])

    assert found >= 4.5, f"{text} on {surface} must be 4.5 or more, was {found:.2f}"


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize(
    ("text", "surface", "least"),
    [
        ("up", "up-soft", 4.5), ("down", "down-soft", 4.5), ("warn", "warn-soft", 4.5), ("link", "accent-soft", 4.5),
        ("text", "accent-soft", 4.5), ("text", "warn-soft", 4.5), ("text", "down-soft", 4.5),
        ("muted", "warn-soft", 4.5), ("on-accent", "accent", 4.5), ("control", "card", 3),
        ("control", "page", 3), ("focus", "card", 3),
        ("focus", "page", 3), ("candle-up", "card", 3), ("candle-down", "card", 3),
    ],
)  # fmt: skip
def test_pairs_that_are_used_together_can_be_told_apart(is_dark, text, surface, least):
    colours = palette(is_dark=is_dark)
    found = contrast(colours[text], colours[surface])

    assert found >= least, f"{text} on {surface} must be {least} or more, was {found:.2f}"


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("number", range(1, 9))
def test_lines_of_a_chart_can_be_seen(is_dark, number):
    colours = palette(is_dark=is_dark)

    assert contrast(colours[f"series-{number}"], colours["card"]) >= 3


def test_words_of_a_heat_map_can_be_read_on_each_shade():
    shades = re.findall(
        r"\.heat-[\w-]+ \{ fill: (#\w{6})", (STYLES / "chart.css").read_text(encoding="utf-8")
    )

    assert len(shades) == 8
    assert all(contrast(shade, "#ffffff") >= 4.5 for shade in shades)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose build is counted in place of run."""
    folder = tmp_path / "frontend"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("1", encoding="utf-8")
    (folder / "package-lock.json").write_text("{}", encoding="utf-8")
    calls = []

    def run(command, _folder, _node):
        calls.append(command)
        if "ci" in command:
            (folder / "node_modules").mkdir(exist_ok=True)
        else:
            out = build_assets.Path(command[-1])
            out.mkdir(parents=True)
            (out / "manifest.json").write_text('{"main.js": "main-1.js"}', encoding="utf-8")
            (out / "main-1.js").write_text("1", encoding="utf-8")

    monkeypatch.setattr(build_assets, "run", run)
    return tmp_path, calls


NODE = build_assets.Node(("node",), ("npm",), "v22.0.0")


def silent(_text):
    return None


def test_second_build_does_nothing_and_asks_for_no_node(checkout):
    root, calls = checkout
    assert build_assets.build(root, lambda: NODE, tell=silent)
    before = len(calls)

    def no_node():
        raise AssertionError("a node was asked for")

    assert not build_assets.build(root, no_node, tell=silent)
    assert len(calls) == before == 2


def test_changed_source_is_built_anew_without_fetching_packages(checkout):
    root, calls = checkout
    build_assets.build(root, lambda: NODE, tell=silent)
    (root / "frontend" / "src" / "main.ts").write_text("2", encoding="utf-8")

    assert build_assets.build(root, lambda: NODE, tell=silent)
    assert [command[1] for command in calls] == ["ci", "build.mjs", "build.mjs"]


def test_missing_file_is_built_anew(checkout):
    root, _ = checkout
    build_assets.build(root, lambda: NODE, tell=silent)
    (build_assets.static(root) / "main-1.js").unlink()

    assert build_assets.build(root, lambda: NODE, tell=silent)


def test_failed_npm_names_cause_and_cure(tmp_path):
    script = tmp_path / "npm.py"
    script.write_text("import sys; print('npm error code ENOTFOUND'); sys.exit(1)", encoding="utf-8")

    with pytest.raises(build_assets.AssetsFailed, match="ENOTFOUND") as fault:
        build_assets.run((sys.executable, str(script)), tmp_path, NODE)
    assert "registry" in fault.value.cure


def test_old_node_is_not_used(tmp_path):
    script = tmp_path / "node.py"
    script.write_text("print('v12.22.0')", encoding="utf-8")

    assert build_assets.node_version((sys.executable, str(script))) == ""
    assert build_assets.node_version((str(tmp_path / "none"),)) == ""
