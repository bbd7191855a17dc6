"""An import of bars is undone from its job's page and from the list of jobs, by who may."""

from __future__ import annotations

import pytest

from tests import houses
from tests.unit.data.material import change, make_frame
from vigie.services.running.work import Report, imports

FRAME = make_frame(48, venue="bitget-perp")
SERIES = "bitget-perp:btc-usdt-perp/1h"


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home", with_bars=False)


def imported(house, frame=FRAME):
    """Import bars as a worker does and return the job and the receipt."""
    inbox = house.data.bars.root.parent / imports.INBOX
    inbox.mkdir(exist_ok=True)
    frame.write_parquet(inbox / "BTCUSDT-1h.parquet")
    house.jobs.put(imports.KIND, {"venue": "bitget-perp"}, owner="owner")
    job = house.jobs.take("here", [imports.KIND], stale_ms=10_000)
    told = Report(job.id, job.owner, lambda *_said: None)
    answer = dict(imports.run(imports.ImportOrder(venue="bitget-perp"), told, house.data, house.home))
    house.jobs.finish(job.id, "here", state="done", answer=answer)
    return job.id, answer["receipt"]


@pytest.mark.parametrize(
    ("language", "verb", "done"),
    [
        ("en", "Undo import", "Bars removed: 48; restored"),
        ("fr", "Annuler l’importation", "Bougies supprimées\u00a0"),
    ],
)
def test_an_import_is_undone_on_its_page_without_a_script(house, language, verb, done):
    job, receipt = imported(house)
    browser = houses.Browser(house, language=language)
    page = browser.get(f"/jobs/{job}").text
    assert (page.count(verb), page.count('action="/jobs/undo-import"')) == (1, 1)
    after = browser.post("/jobs/undo-import", {"receipt": receipt, "job": job})
    assert (str(after.url.path), after.status_code) == (f"/jobs/{job}", 200)
    assert done in after.text
    assert verb not in after.text
    assert house.data.bars.series() == []


def test_the_list_tells_what_can_be_undone_what_was_and_what_stays(house):
    first = imported(house)[1]
    imported(house, change(FRAME, 5, volume=1.25))
    browser = houses.Browser(house)
    assert browser.get("/jobs").text.count("Undo import") == 2
    after = browser.post("/jobs/undo-import", {"receipt": first})
    card = after.text.split('id="imports"')[1]
    assert "Bars removed: 47; restored: 0. Changed since then, not removed: 1." in " ".join(card.split())
    assert card.count("Undo import") == 1
    again = browser.order("jobs.undo_import", receipt=first).json()
    assert (again["was_undone"], again["removed"]) == (True, 0)
    assert browser.order("jobs.undo_import", receipt="i7").status_code == 404
    french = houses.Browser(house, language="fr").post("/jobs/undo-import", {"receipt": "i7"})
    assert (french.status_code, "qui puisse être annulée" in french.text) == (404, True)
    [entry] = house.audit.after(0, kinds=["bars.import_undone"])
    assert entry.subject == first


def test_who_is_no_admin_sees_no_button_and_undoes_nothing(house):
    job, receipt = imported(house)
    reader = houses.Browser(house, is_owner=False)
    assert "undo-import" not in reader.get("/jobs").text
    assert "undo-import" not in reader.get(f"/jobs/{job}").text
    assert reader.post("/jobs/undo-import", {"receipt": receipt}).status_code == 403
    assert len(house.data.bars.holdings()) == 1
