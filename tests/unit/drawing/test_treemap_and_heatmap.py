"""Shades never speak alone: every rectangle and square carries its number, and links can be reached."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.drawing.material import export, page, parsed, paths, texts
from vigie.domain.errors import UsageError
from vigie.drawing.heatmap import heatmap_chart
from vigie.drawing.treemap import SHADES, TreemapTile, shade_of, treemap_chart


def tiles(weights, href="/asset/{}"):
    """Return tiles of these weights."""
    return [
        TreemapTile(f"k{at}", weight, f"K{at}", "+1.2%", "up-1", f"Coin {at}", href.format(f"k{at}"))
        for at, weight in enumerate(weights)
    ]


@pytest.mark.parametrize(
    ("change", "shade"),
    [
        (0.0, "flat"), (0.0049, "flat"), (0.005, "up-1"), (0.02, "up-2"), (0.05, "up-3"), (-0.005, "down-1"),
        (-0.049, "down-2"), (-0.5, "down-3"), (float("nan"), "flat"),
    ],
)  # fmt: skip
def test_shades_of_changes(change, shade):
    assert shade_of(change) == shade
    assert shade in SHADES


def test_rectangles_are_links_with_names_and_numbers():
    tree = parsed(treemap_chart(tiles([5.0, 3.0]), frame=page(), others_text="{count} others"))
    assert tree.get("role") == "group"
    links = list(tree.iter("a"))
    assert [link.get("href") for link in links] == ["/asset/k0", "/asset/k1"]
    assert [link.get("aria-label") for link in links] == ["K0 +1.2% Coin 0", "K1 +1.2% Coin 1"]
    assert [link.find("rect").get("class") for link in links] == ["heat-up-1"] * 2


def test_without_links_it_is_an_image():
    tree = parsed(treemap_chart(tiles([5.0], href=""), frame=page(), others_text="{count} others"))
    assert tree.get("role") == "img"
    assert parsed(treemap_chart(tiles([5.0]), frame=export(), others_text="x")).get("role") == "img"


def test_small_ones_are_put_together_under_their_count():
    svg = treemap_chart(
        tiles([50.0, 0.1, 0.1, 0.1, 0.1] + [0.2] * 20),
        frame=page(),
        others_text="{count} others",
        least_area=4_000.0,
    )
    assert "24 others" in svg
    assert "+24" in texts(svg)


def test_texts_stand_where_they_fit_and_only_there():
    svg = treemap_chart(tiles([1_000.0, 1.0]), frame=page(), others_text="x", least_area=0.0)
    assert "K0" in texts(svg)
    assert "K1" not in texts(svg)


def test_forty_assets_stay_under_the_budget_of_elements():
    weights = [1000 / (k + 1) for k in range(40)]
    tree = parsed(treemap_chart(tiles(weights), frame=page(), others_text="{count} others"))
    assert len(list(tree.iter())) < 250


def test_an_export_of_a_treemap_has_no_links_and_its_own_colours():
    svg = treemap_chart(tiles([5.0, 3.0]), frame=export(), others_text="x")
    assert "<a " not in svg
    assert "class=" not in svg
    assert "Source: Example venue" in svg


VALUES = np.array([[1.0, 0.5, np.nan], [0.5, 1.0, -0.85], [np.nan, -0.85, 1.0]])
NAMES = ("BTC", "ETH", "SOL")


def test_squares_of_a_shade_are_one_path_and_unknown_ones_are_left_out():
    svg = heatmap_chart(NAMES, NAMES, VALUES, frame=page())
    assert {shade: sum(d.count("z") for d in paths(svg, f"heat-{shade}")) for shade in SHADES} == {
        "down-3": 2, "down-2": 0, "down-1": 0, "flat": 0, "up-1": 0, "up-2": 2, "up-3": 3, "none": 0,
    }  # fmt: skip
    found = texts(svg)
    assert found.count("\u22120.85") == 2
    assert found.count("BTC") == 2


def test_numbers_are_written_in_the_language():
    assert "0,50" in texts(heatmap_chart(NAMES, NAMES, VALUES, frame=page(language="fr")))


def test_a_large_matrix_leaves_the_numbers_to_its_table():
    names = tuple(f"A{k}" for k in range(40))
    svg = heatmap_chart(names, names, np.full((40, 40), 0.9), frame=page())
    assert set(texts(svg)) == set(names)
    assert len(list(parsed(svg).iter())) < 120


def test_an_export_of_a_matrix_fits_its_frame():
    svg = heatmap_chart(NAMES, NAMES, VALUES, frame=export(height=400))
    ys = [float(node.get("y")) for node in parsed(svg).iter("text")]
    assert max(ys) <= 400


def test_labels_must_fit():
    with pytest.raises(UsageError, match="values must have 2 x 3 entries"):
        heatmap_chart(NAMES[:2], NAMES, VALUES, frame=page())
    with pytest.raises(UsageError, match=r"1\.\.120 rows and columns"):
        heatmap_chart((), (), np.zeros((0, 0)), frame=page())
