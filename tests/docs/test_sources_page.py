"""The page of sources says what the manifests say, about every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.adapters.sources.manifest import manifests
from vigie.adapters.venues.manifest import manifests as venues

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")


def shown(seconds: float) -> str:
    return f"{seconds / 3_600:g} h" if seconds >= 3_600 else f"{seconds / 60:g} min"


@pytest.mark.parametrize("manifest", manifests(), ids=lambda manifest: manifest.id)
def test_every_feed_and_licence_is_on_the_page_as_the_manifest_has_it(manifest):
    for feed in manifest.feeds:
        often = "stream" if feed.mode == "stream" else shown(feed.every_s)
        assert f"| `{manifest.id}` | `{feed.name}` | {often} | {feed.depth} | {feed.title} |" in PAGE
    use = "**no**" if manifest.is_non_commercial else "as the licence says"
    assert f"| `{manifest.id}` | {manifest.licence} | {use} | {manifest.attribution} |" in PAGE


def test_the_page_names_no_source_that_is_gone():
    named = {
        line.split("`")[1]
        for line in PAGE.splitlines()
        if line.startswith("| `") and "/" not in line.split("`")[1]
    }
    assert named == {manifest.id for manifest in manifests()}


def test_every_live_venue_is_named():
    for manifest in venues():
        if "live" in manifest.capabilities:
            assert f"`{manifest.id}`" in PAGE
