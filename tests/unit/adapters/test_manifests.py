from __future__ import annotations

from pathlib import Path

import pytest

from vigie.adapters.venues.manifest import manifests, read_manifest
from vigie.domain.errors import ConfigError
from vigie.domain.ids import parse_venue
from vigie.domain.time import TIMEFRAME_MS

GOOD = """
id = "acme"
kind = "venue"
title = "Acme"
docs = "https://acme.example"
markets = ["perp"]
capabilities = []
timeframes = ["1h"]
page_bars = 100
page_days = 0
depth_bars = 0
interval_ms = 100
live_url = ""
test_url = ""
secrets = []
optional = []
terms = ""
tier = "draft"
verified = ""
"""


def folder(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "acme"
    path.mkdir()
    (path / "manifest.toml").write_text(text)
    return path


def test_every_venue_of_the_house_has_a_sound_manifest():
    found = manifests()
    assert [one.id for one in found] == ["binance", "bitget", "hyperliquid"]
    for one in found:
        assert all(parse_venue(venue) for venue in one.venues)
        assert set(one.timeframes) <= set(TIMEFRAME_MS)
        assert one.page_bars > 2
        assert one.docs.startswith("https://")
        assert one.verified


def test_sound_manifest_is_read(tmp_path: Path):
    assert read_manifest(folder(tmp_path, GOOD)).venues == ("acme-perp",)


def test_pages_of_markets_are_read_with_their_languages(tmp_path: Path):
    pages = (
        'market_pages = ["https://acme.example{language}/{coin}"]\npage_languages = { en = "", fr = "/fr" }\n'
    )
    assert read_manifest(folder(tmp_path, GOOD + pages)).page_languages == {"en": "", "fr": "/fr"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace('kind = "venue"\n', ""), "missing: kind"),
        (GOOD + "colour = 1\n", "unknown: colour"),
        (GOOD + 'page_languages = { fr = ".evil.example" }\n', "page_languages must be like /fr"),
        *(
            (GOOD + f'market_pages = ["{page}"]\n', "market_pages must be https")
            for page in (
                "http://acme.example/{coin}",
                "https://{language}.acme.example/{coin}",
                "https://{coin}.example/",
                "https://acme.example@evil.example/{coin}",
                "https://acme.example:8443/{coin}",
                "https://acme.example/{coin}?ref=1",
                "https://acme.example/#{coin}",
                "https://acme.example",
            )
        ),
        (
            GOOD.replace('tier = "draft"', 'tier = "gold"'),
            "tier must be one of draft data paper live, was 'gold'",
        ),
        (GOOD.replace('id = "acme"', 'id = "other"'), "id must be the folder's name 'acme', was 'other'"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(tmp_path: Path, text: str, message: str):
    with pytest.raises(ConfigError, match=rf"manifest\.toml: {message}"):
        read_manifest(folder(tmp_path, text))
