"""A folder of sources of one's own as it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vigie.adapters.sources import manifest
from vigie.adapters.sources.news import own_feeds
from vigie.adapters.sources.news.own_feeds import HomeFeeds
from vigie.domain.errors import UsageError
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
    own_feeds.taken_names.cache_clear()
    assert [(one.title, one.fault) for one in held.list()] == [(f"Mine {number}", "") for number in range(4)]
    assert len(files) == len(set(files)) > 0


def test_a_file_is_understood_once_and_anew_when_somebody_changes_it(tmp_path, monkeypatch):
    held = HomeFeeds(tmp_path / "feeds")
    held.put(replace(FEED, title="Sunday", url="https://news.example.com/sunday.xml"))
    understood, texts = own_feeds.tomllib.loads, []

    def counted(text):
        texts.append(text)
        return understood(text)

    monkeypatch.setattr(own_feeds.tomllib, "loads", counted)
    assert [one.title for one in (*held.list(), *held.list())] == ["Sunday", "Sunday"]
    assert len(texts) == 1
    (file,) = held.folder.glob("*.toml")
    file.write_text(file.read_text("utf-8").replace("Sunday", "Monday"), "utf-8")
    assert [one.title for one in held.list()] == ["Monday"]
    file.write_text("title = ", "utf-8")
    assert held.list()[0].fault
    file.write_bytes(b"\xff")
    assert held.list()[0].fault


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("", "https://tessel-herald.example/feed.atom"),
        ("Mine", "https://www.tessel-herald.example/feed.atom/"),
        ("the tessel herald", "https://tessel-herald.example/other.atom"),
        ("Sunday", "https://news.example.com/again.xml"),
        ("Other", "https://www.news.example.com/sunday.xml"),
    ],
)
def test_what_is_asked_already_is_not_asked_again_under_another_name(tmp_path, title, url):
    held = HomeFeeds(tmp_path / "feeds")
    held.put(replace(FEED, title="Sunday", url="https://news.example.com/sunday.xml"))
    with pytest.raises(UsageError, match="is already a source: adding it again would count"):
        held.put(replace(FEED, title=title, url=url))
    changed = replace(held.list()[0], language="fr")
    assert held.put(changed) == changed
    held.put(replace(FEED, url="https://news.example.com/monday.xml"))
    held.put(replace(FEED, url="https://news.example.com/tuesday.xml"))


@pytest.mark.parametrize(
    ("kind", "given", "asked"),
    [
        ("mastodon", "https://mastodon.social/@news", "https://mastodon.social/@news.rss"),
        ("mastodon", "https://mastodon.social/web/@news/", "https://mastodon.social/@news.rss"),
        ("mastodon", "https://mastodon.social/@news.rss", "https://mastodon.social/@news.rss"),
        ("bluesky", "https://bsky.app/profile/desk.example.com", "https://bsky.app/profile/desk.example.com/rss"),
        ("bluesky", "https://bsky.app/profile/did:plc:abc/rss", "https://bsky.app/profile/did:plc:abc/rss"),
    ],
)  # fmt: skip
def test_an_account_is_asked_for_the_feed_of_its_posts(tmp_path, kind, given, asked):
    made = HomeFeeds(tmp_path / "feeds").put(replace(FEED, title="Posts", url=given, kind=kind))
    assert (made.url, made.kind) == (asked, kind)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("mastodon", "https://mastodon.social/about"),
        ("mastodon", "https://mastodon.social/@news@elsewhere.example"),
        ("bluesky", "https://bsky.app/search?q=x"),
        ("bluesky", "https://elsewhere.example.com/profile/desk.example.com"),
    ],
)
def test_what_is_no_account_is_refused_with_the_form_it_has(tmp_path, kind, given):
    with pytest.raises(UsageError, match="an account's address must"):
        HomeFeeds(tmp_path / "feeds").put(replace(FEED, title="Posts", url=given, kind=kind))
