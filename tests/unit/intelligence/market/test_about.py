"""What is said about assets is said in both languages, and of every asset that is watched."""

from vigie.domain.asset import WATCHED
from vigie.intelligence.market.about import describe_asset


def test_every_watched_asset_has_its_text_in_both_languages():
    for asset in WATCHED:
        texts = describe_asset(asset.id)
        assert set(texts) == {"en", "fr"}, asset.id
        assert texts["en"] != texts["fr"]
        assert all(60 < len(text) < 400 and text.endswith(".") for text in texts.values()), asset.id


def test_an_asset_that_nobody_described_has_no_text():
    assert describe_asset("nothing") == {}
