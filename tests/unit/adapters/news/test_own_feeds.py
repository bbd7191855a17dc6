"""A folder of sources of one's own as it is read."""

from __future__ import annotations

from dataclasses import replace

from vigie.adapters.sources import manifest
from vigie.adapters.sources.news import own_feeds
from vigie.adapters.sources.news.own_feeds import HomeFeeds
from vigie.ports.own_feeds import OwnFeed

FEED = OwnFeed("", "", "", language="en")


def test_what_vigie_brings_is_not_read_again_for_each_source_of_ones_own(tmp_path, monkeypatch):
    held = HomeFeeds(tmp_path / "feeds")
    for number in range(4):
        held.put(replace(FEED, title=f"Mine {number}", url=f"https://news.example.com/{number}.xml"))
    read, files = manifest.read_manifest, []

    def counted(folder):
        files.append(folder)
        return read(folder)

    monkeypatch.setattr(manifest, "read_manifest", counted)
    own_feeds.taken.cache_clear()
    assert [(one.title, one.fault) for one in held.list()] == [(f"Mine {number}", "") for number in range(4)]
    assert len(files) == len(set(files)) > 0
