"""The feed of a rule over HTTP: no cache on the way keeps it, and who has it already is not sent it again."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.houses import Browser
from tests.unit.services.alerting.material import mailbox, mailing, read, rule
from vigie.services.alerting.feeds import feed_address
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound


@pytest.fixture
def place(tmp_path):
    with mailbox() as served:
        yield mailing(tmp_path / "home", served[1])


def test_a_feed_is_kept_by_its_reader_only_and_sent_again_when_it_changed(place):
    kept = rule(place)
    path = urlsplit(feed_address(place.notifiers, kept.id)).path
    reader = Browser(place, is_owner=False)
    first = reader.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "private, max-age=60"
    assert first.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in first.headers
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = reader.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, max-age=60"
    bound(place, dispatch_read_items)([read("1", title="Bitcoin, once more")])
    changed = reader.get(path, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert "Bitcoin, once more" in changed.text
    assert changed.headers["etag"] != tag


def test_what_is_no_feed_is_kept_by_no_cache(place):
    kept = rule(place)
    path = urlsplit(feed_address(place.notifiers, kept.id)).path
    wrong = Browser(place, is_owner=False).get(path[:-1] + ("0" if path[-1] != "0" else "1"))
    assert wrong.status_code == 404
    assert wrong.headers["cache-control"] == "no-store"
    assert "etag" not in wrong.headers
