"""The evidence of an item in one file: exact bytes and hashes, the same on both databases, whole or found changed."""

import asyncio
import hashlib
import io
import json
import zipfile

import httpx
import pytest
from typer.testing import CliRunner

from tests.clocks import JumpingClock
from tests.databases import HandClock
from tests.houses import Browser, house
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.stores.sql.documents import SqlDocuments
from vigie.adapters.stores.sql.items.store import SqlItems
from vigie.domain.errors import UsageError
from vigie.domain.item import ItemFinding, Sighting
from vigie.domain.register import RegisterEntry
from vigie.ports.item_readings import ItemReading
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch
from vigie.services.news import evidence_bundle as bundles
from vigie.services.news.evidence_bundle import EvidenceNotes, build_bundle
from vigie.services.news.evidence_check import check_evidence
from vigie.views.cli.main import app

NOW = 1_767_225_600_000
URL = "https://www.sec.gov/news/x"
HOSTILE = "../../etc/passwd\u202e<script>alert(1)</script>"
# JSON with spaces of its own, bytes that are no UTF-8 with a NUL, a text with a mark and line ends.
ANSWERS = (b'{"b":1,  "a":[1.0]}', b"<rss>\xe9 \x00</rss>", "\ufeff<rss>é\r\n</rss>".encode())
TOLD = EvidenceNotes({"id": "sec_press", "title": HOSTILE}, {"became": ""}, is_simulated=True)
FIRMS = tuple(RegisterEntry("esma_casps", key, name) for key, name in (("a", "Old SA"), ("b", "New SAS")))
DIGESTS: set[str] = set()


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezipped(files: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def filled(documents: SqlDocuments, items: SqlItems) -> str:
    """Fetch every answer as a source of news does; each makes a revision of one item."""
    for place, content in enumerate(ANSWERS):
        heads = {"etag": '"v"', "set-cookie": "secret=1"}
        given = httpx.Response(200, stream=httpx.ByteStream(content), headers=heads)
        transport = httpx.MockTransport(lambda _, given=given: given)
        fetcher = Fetcher(JumpingClock(NOW), documents=documents, transport=transport)
        answer = asyncio.run(fetcher.get(URL, keep_as="sec_press/feed", keep_exact=True))
        said = Sighting(
            "sec_press", HOSTILE, URL, f"{HOSTILE} {place}", ts_published=NOW, document=answer.document
        )
        (known,) = items.take(SourceFetch("sec_press", answer.ts_known + place, (said,)))
        found = ItemFinding("language", 3, {"surety": 0.5, "language": "en"}, "words")
        items.put_readings([ItemReading(known.number, known.item, "language 3", [(found, "", 12)], {}, "")])
    return known.item.id


def test_a_bundle_holds_the_bytes_as_fetched_and_is_the_same_on_both_databases(database, monkeypatch):
    documents, items = SqlDocuments(database, HandClock(NOW)), SqlItems(database, HandClock(NOW))
    every = items.get(filled(documents, items))
    content = build_bundle(every, TOLD, documents.get)
    DIGESTS.add(hashlib.sha256(content).hexdigest())
    assert len(DIGESTS) == 1
    assert build_bundle(every, TOLD, documents.get) == content
    files = opened(content)
    numbers = ("001", "002", "003")
    assert sorted(files) == sorted(
        ["README.txt", "findings.json", "item.json", "manifest.json", "notes.json", "registers.json"]
        + [f"raw/{number}.{end}" for number in numbers for end in ("bin", "json")]
    )
    revisions = json.loads(files["item.json"])["revisions"]
    for one, raw in zip(revisions, ANSWERS, strict=True):
        about = json.loads(files[f"raw/{one['raw']}.json"])
        assert files[f"raw/{one['raw']}.bin"] == raw
        assert (about["is_exact"], about["sha256"]) == (True, hashlib.sha256(raw).hexdigest())
        assert (about["address"], about["headers"], about["fetched"]["ms"]) == (URL, {"etag": '"v"'}, NOW)
    assert [one["seen"]["ms"] - NOW for one in revisions] == [0, 1, 2]
    assert json.loads(files["findings.json"])[2]["found"]["language"]["version"] == 3
    readme = files["README.txt"].decode()
    assert all(word in readme for word in ("Do not publish them", "Ne les publiez pas", "SIMULÉ"))
    assert b"\\u202e" in files["item.json"]
    # Of what is too long, and of what is not kept any more, the reason is there in place of the bytes.
    monkeypatch.setattr(bundles, "LARGEST", len(ANSWERS[0]))
    short = opened(
        build_bundle(
            every, TOLD, lambda name: None if name == every[1].item.content.document else documents.get(name)
        )
    )
    missing = [json.loads(short[f"raw/{number}.json"]).get("missing", "") for number in numbers]
    assert [bool(one) for one in missing] == [f"raw/{number}.bin" not in short for number in numbers]
    assert ("at most" in missing[1], "not kept" in missing[2], missing[0]) == (True, True, "")
    monkeypatch.setattr(bundles, "MOST_REVISIONS", 2)
    cut = json.loads(opened(build_bundle(every, TOLD, documents.get))["item.json"])
    assert ([one["revision"] for one in cut["revisions"]], cut["revisions_left_out"]) == ([1, 3], 1)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    made = house(home, with_bars=False)
    item = filled(made.documents, made.items)
    for at, rows in ((NOW, FIRMS[:1]), (NOW + 1, FIRMS)):
        made.registers.take(RegisterSnapshot("esma_casps", at, rows))
    said = Sighting("esma_casps", "k", "https://www.esma.europa.eu/x", "Register: New SAS was added")
    (known,) = made.items.take(SourceFetch("esma_casps", NOW + 1, (said,)))
    return home, made, item, known.item.id


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_gives_the_bundle(place, language):
    _, made, item, registered = place
    browser = Browser(made, language=language)
    words = {"en": "Download evidence (ZIP)", "fr": "Télécharger les preuves (ZIP)"}[language]
    assert words in browser.get(f"/news/{item}").text
    given = browser.get(f"/news/{item}/evidence.zip")
    assert given.headers["content-disposition"] == f'attachment; filename="vigie-evidence-{item}.zip"'
    assert opened(given.content)["raw/001.bin"] == ANSWERS[0]
    browser.order("news.appeal", item=item, text=f"It was confirmed in print, {language}.")
    given = browser.get(f"/news/{item}/evidence.zip")
    notes = json.loads(opened(given.content)["notes.json"])
    assert (notes[0]["text"], set(notes[0])) == (
        f"It was confirmed in print, {language}.",
        {"ts", "kind", "text"},
    )
    told = browser.call("news.bundle", item=item).json()
    assert told["digest"] == hashlib.sha256(given.content).hexdigest()
    # What the page of the raw answer says is the hash of the same bytes.
    assert hashlib.sha256(ANSWERS[1]).hexdigest() in browser.get(f"/news/{item}/evidence?revision=2").text
    (change,) = json.loads(opened(browser.get(f"/news/{registered}/evidence.zip").content)["registers.json"])
    assert (change["kind"], change["before"], change["after"]["name"]) == ("added", None, "New SAS")
    assert browser.get("/news/0123456789abcdef0123/evidence.zip").status_code == 404
    assert browser.get("/news/..%2Fx/evidence.zip").status_code == 404


def test_a_bundle_is_verified_and_every_change_of_it_found(place, tmp_path):
    home, _, item, _ = place

    def call(*words: str):
        return CliRunner().invoke(app, ["news", "evidence", *words])

    done = call(item, "--out", str(tmp_path), "--home", str(home))
    file = tmp_path / f"vigie-evidence-{item}.zip"
    assert (done.exit_code, hashlib.sha256(file.read_bytes()).hexdigest() in done.output) == (0, True)
    assert json.loads(call("--verify", str(file), "--json").output)["faults"] == []
    files = opened(file.read_bytes())
    for what, fault in (
        (rezipped({**files, "raw/001.bin": b"x"}), "'raw/001.bin' is not what its hash says"),
        (rezipped({**files, "raw/001.bin": bytes(10**7)}, zipfile.ZIP_DEFLATED), "is not what its hash says"),
        (rezipped({**files, "../\x1b[2J": b"x"}), r"'../\x1b[2J' is not in the manifest"),
        (rezipped({name: files[name] for name in files if name != "item.json"}), "'item.json' is missing"),
        (file.read_bytes().replace(b'"surety": 0.5', b'"surety": 0.9'), "'findings.json' is not what"),
    ):
        file.write_bytes(what)
        (found,) = check_evidence(file).faults
        assert fault in found
    assert call("--verify", str(file)).exit_code == 1
    for odd in (
        b"",
        b"PK\x05\x06" + bytes(18),
        rezipped({"manifest.json": b"[]"}),
        rezipped({"manifest.json": b"{}"}),
    ):
        file.write_bytes(odd)
        with pytest.raises(UsageError, match="is no evidence of an item"):
            check_evidence(file)
