"""Raw letters say to whom they were sent: they are shown to who administers the house, and to nobody else."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house, person
from vigie.domain.errors import Forbidden
from vigie.domain.item import Sighting, item_id
from vigie.domain.person import VISITOR
from vigie.ports.source_fetches import SourceFetch
from vigie.services.operation_calls import run_operation

RAW = "To: anna@desk.example\r\nSubject: S\r\n\r\nhttps://letter.example/unsubscribe?who=anna"


@pytest.fixture
def built(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    for kind in ("post/letter", "post/feed"):
        kept = made.documents.put(kind, "7", 1, {"status": 200, "headers": {}, "body": RAW})
        said = Sighting("post", kind, "https://letter.example/7", "A letter", "Words", document=kept.id)
        made.items.take(SourceFetch("post", 1, (said,)))
    return made


@pytest.mark.parametrize("operation", ["news.evidence", "news.bundle"])
def test_a_raw_letter_is_for_who_administers_and_other_raw_answers_for_who_reads(built, operation):
    letter, feed = item_id("post", "post/letter"), item_id("post", "post/feed")
    assert run_operation(built, person(), operation, {"item": letter})
    assert run_operation(built, VISITOR, operation, {"item": feed})
    for stranger in (VISITOR, person("bob", "viewer"), person("tom", "trader")):
        with pytest.raises(Forbidden, match="shows whose mailbox received it; it requires the scope"):
            run_operation(built, stranger, operation, {"item": letter})


def test_no_page_shows_a_stranger_to_whom_a_letter_was_sent(built):
    letter = item_id("post", "post/letter")
    stranger = Browser(built, is_owner=False)
    for path in (f"/news/{letter}", f"/news/{letter}/evidence?revision=1", f"/news/{letter}/evidence.zip"):
        assert "anna@desk.example" not in stranger.get(path).text
    assert stranger.get(f"/news/{letter}/evidence?revision=1").status_code == 403
    assert stranger.get(f"/news/{letter}/evidence.zip").status_code == 403
    assert "anna@desk.example" in Browser(built).get(f"/news/{letter}/evidence?revision=1").text
