"""Everything that can be reached from Today in a filled house: answers, heads, tables, figures, exports, languages."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from itertools import combinations, groupby
from types import SimpleNamespace
from urllib.parse import parse_qsl, urljoin, urlsplit

import brotli
import httpx
import pytest

from tests import houses
from tests.e2e.houses import HTML, NODES, served
from tests.mails import send
from tests.newsrooms import read_all
from tests.page_addresses import patterns
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.learning_material import train
from tests.unit.services.plans.material import plan_of
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.adapters.clock import SandboxClock
from vigie.adapters.world_mailbox import WorldMailbox
from vigie.adapters.world_newsstand import WorldNewsstand
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.views.web.identity import SESSION
from vigie.views.web.language import texts
from vigie.views.web.page import pages
from vigie.wiring.collector import open_collector
from vigie_sandbox.world.newsroom.outlets import BY_HOST
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

pytest.importorskip("ccxt")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
OPENED = 1_790_000_000_000
DOCUMENTS = (("coingecko", "markets"), ("coingecko", "categories"), ("coingecko", "exchanges"),
             ("coingecko", "new_pools"), ("defillama", "chains"), ("defillama", "protocols"))  # fmt: skip
SERIES = (
    "market/global/cap_usd",
    "sentiment/fear_greed_index",
    "stablecoins/total/supply_usd",
    "defi/total/tvl_usd",
)
# How many addresses of one shape are looked at: /asset/bitcoin and /asset/ethereum are of one shape. One that asks for
# several things is looked at where two of them were not asked together before.
EACH, EACH_FILE = 2, 1
MOST = 900
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Words that English cannot do without and French does not have.
ENGLISH = frozenset(
    "the of and is are was were with from which that this these those not what where when who how each every "
    "by be been has have had will would can its their there than then them they it you your our at as".split()
)
SAID = ("aria-label", "title", "placeholder", "alt", "content")


@dataclass(slots=True)
class Node:
    """One element, or the document."""

    tag: str
    attributes: dict[str, str]
    above: Node | None = None
    parts: list[Node | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Node]:
        """Yield the elements below, of some kinds or of all."""
        for part in self.parts:
            if isinstance(part, Node):
                if not tags or part.tag in tags:
                    yield part
                yield from part.all(*tags)

    def get(self, name: str) -> str:
        """Return an attribute, empty where there is none."""
        return self.attributes.get(name, "")

    @property
    def classes(self) -> set[str]:
        return set(self.get("class").split())

    @property
    def text(self) -> str:
        """All text below, with single spaces."""
        words = " ".join(part if isinstance(part, str) else part.text for part in self.parts)
        return " ".join(words.split())

    def up(self, wanted: str) -> Node | None:
        """Return the nearest element above that has a class."""
        one = self.above
        while one is not None and wanted not in one.classes:
            one = one.above
        return one


class Reader(HTMLParser):
    """Reads a page of ours, which closes what it opens."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.root = self.here = Node("", {})
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = Node(tag, {key: value or "" for key, value in attrs}, self.here)
        self.here.parts.append(one)
        if tag not in VOID:
            self.here = one

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.parts.append(Node(tag, {key: value or "" for key, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        one: Node | None = self.here
        while one is not None and one.tag != tag:
            one = one.above
        if one is not None and one.above is not None:
            self.here = one.above

    def handle_data(self, data: str) -> None:
        self.here.parts.append(data)


@dataclass(slots=True)
class Found:
    """What was reached; the pages among it are read."""

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    linked_from: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Node] = field(default_factory=dict)


def is_file(path: str) -> bool:
    """Tell whether an address is a file of a result, which has a form of its own."""
    return "/files/" in path or urlsplit(path).path.endswith(".html")


@cache
def shape(path: str) -> tuple[str, ...]:
    """Return what many addresses have in common: the page's path without names, and the keys of the query."""
    parts = urlsplit(path)
    for of_page, pattern in patterns().items():
        if pattern.fullmatch(parts.path):
            tab = dict(parse_qsl(parts.query)).get("part", "")
            return (of_page, tab, *sorted({key for key, _ in parse_qsl(parts.query)}))
    ending = parts.path.rsplit(".", 1)[-1]
    return (parts.path if parts.path.startswith("/api/") else parts.path.rsplit("/", 1)[0], ending)


def kinds_of(path: str) -> dict[tuple[str, ...], int]:
    """Return of which kinds an address is, with how many of each are looked at."""
    kind = shape(path)
    if not asks_for_several(path):
        return {kind: EACH if kind[0] in patterns() else EACH_FILE}
    page, part, *keys = kind
    return {(page, part, *pair): 1 for pair in combinations(keys, 2)}


def asks_for_several(path: str) -> bool:
    """Tell whether a page is asked for several things at once."""
    page, *more = shape(path)
    return page in patterns() and len(more) > 2


def crawl(site, language, *, files=False, several=False) -> Found:
    """Follow every link of the house from Today, a few of each shape.

    Parameters
    ----------
    files : bool
        Whether exports and pictures are fetched.
    several : bool
        Whether pages are looked at that are asked for several things at once.
    """
    found, seen = Found(), Counter()
    waiting = deque([("/", "")])
    with httpx.Client(
        base_url=site.url,
        headers={"accept-language": language},
        cookies={SESSION: site.cookie["value"]},
        timeout=60,
    ) as client:
        while waiting and len(found.answers) < MOST:
            path, above = waiting.popleft()
            kinds = kinds_of(path)
            is_new = any(seen[kind] < most for kind, most in kinds.items())
            if path in found.answers or not is_new or (asks_for_several(path) and not several):
                continue
            seen.update(kinds.keys())
            answer = client.get(path, follow_redirects=True)
            found.answers[path], found.linked_from[path] = answer, above
            if not answer.headers.get("content-type", "").startswith("text/html") or is_file(path):
                continue
            found.pages[path] = Reader(answer.text).root
            for link in found.pages[path].all("a"):
                there = urlsplit(urljoin(site.url + path, link.get("href")))
                if f"{there.scheme}://{there.netloc}" != site.url or not link.get("href"):
                    continue
                target = there.path + (f"?{there.query}" if there.query else "")
                if files or not target.startswith(("/api/", "/chart/")):
                    waiting.append((target, path))
    return found


def fill(home, url) -> None:
    """Let the collector gather from the simulated world until every kind of page has something to show."""
    collector = open_collector(home, clock=SandboxClock(url), report=lambda words: None)

    def is_full() -> bool:
        facts = collector.inbox._facts
        return (
            set(SERIES) <= set(facts.list_series())
            and all(facts.document(*one) for one in DOCUMENTS)
            and len(collector.quotes.since(0)[1]) >= 30
            and collector.news.items.count() >= 30
        )

    async def act() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(collector.run(stop))
        end = time.monotonic() + 120
        while not is_full() and time.monotonic() < end:
            await asyncio.sleep(0.2)
        stop.set()
        await asyncio.wait_for(task, 30)
        assert is_full()

    asyncio.run(act())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    home = tmp_path_factory.mktemp("filled") / "home"
    built, _ = house_with_results(home)
    then = SimpleNamespace(market_now=lambda: BEGUN, wall_now=lambda: BEGUN, market_speed=lambda: 1.0)
    go(built, planned(replace(built, clock=then), home), BEGUN + 8 * DAY_MS, [])
    # From here on a demonstration's: changes of setups are sealed with the simulated market's time.
    (home / "simulated.json").write_text('{"simulated": true}', encoding="utf-8")
    built = houses.house(home, clock=built.clock)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    train(built)
    levels = {"low": 99.0, "high": 101.0, "stop": 95.0, "target": 110.0, "until": 4 * 10**12}
    built.plans.add(plan_of("btc-usdt-perp", BEGUN + 8 * DAY_MS, **levels), "owner")
    world = World(time.monotonic, OPENED, history_days=60, speed=1.0, flawless=True, quiet=True)
    with serving(world, poll_s=0.05) as url, pytest.MonkeyPatch.context() as around:
        around.setenv("VIGIE_WORLD_URL", url)
        around.setenv("VIGIE_HOME", str(home))
        fill(home, url)
        send(world, "A rule of yours", "A regulator published.")
        asked = {"mailbox": WorldMailbox(url), "newsstand": WorldNewsstand(url)}
        built = replace(houses.house(home, clock=SandboxClock(url)), **asked)
        read_all(built)
        houses.Browser(built).post("/watchlists", {"name": "Mine", "assets": "BTC, ETH"})
        houses.Browser(built).post("/studio", {"preset": "two_assets"})
        for coin in ("bitcoin", "ethereum"):
            houses.Browser(built).post(
                "/portfolio/save", {"coin": coin, "quantity": "0.5", "place": "Ledger"}
            )
        with served(built) as opened:
            yield opened


@pytest.fixture(scope="module")
def english(site):
    return crawl(site, "en", files=True)


@pytest.fixture(scope="module")
def french(site):
    return crawl(site, "fr", several=True)


@pytest.fixture(scope="module")
def both(english, french):
    """Give every page in each language: what holds of one that asks for several things is seen in French."""
    return [*english.pages.items(), *french.pages.items()]


def told(faults):
    """Return faults as lines, each once."""
    return "\n".join(sorted(set(faults)))


def test_every_link_answers(english, french):
    broken = [
        f"{answer.status_code} {path} (linked from {found.linked_from[path]})"
        for found in (english, french)
        for path, answer in found.answers.items()
        if answer.status_code >= 400
    ]
    assert not broken, told(broken)
    assert min(len(found.pages) for found in (english, french)) >= 30
    # The way ended by itself: nothing was left to look at.
    assert max(len(found.answers) for found in (english, french)) < MOST


def test_every_page_that_can_be_opened_by_itself_is_linked_from_somewhere(english, french):
    reached = {shape(path)[0] for path in (*english.answers, *french.answers)}
    # Shown when asked for: signing in, the parts of the design, a list that somebody shared, where a mail leads.
    hidden = {"/login", "/shared/{word}", "/portfolio/shared/{word}", "/account", "/welcome", "/styleguide"}
    hidden |= {"/unsubscribe/{rule}/{channel}/{word}"}
    # What a mail of the demonstration brought along: those of this house bring nothing.
    hidden |= {"/demo/mail/{number}/attachment/{place}"}
    # A picture on a page, which no link leads to.
    hidden |= {"/studio/templates/{name}.svg"}
    missing = {page.path for page in pages().values()} - reached - hidden
    assert not missing


@pytest.mark.parametrize("language", ["english", "french"])
def test_every_page_has_a_whole_head(request, site, language):
    faults = []
    for path, page in request.getfixturevalue(language).pages.items():
        metas = {one.get("name"): one.get("content") for one in page.all("meta")}
        links = list(page.all("link"))
        canonical = [one.get("href") for one in links if one.get("rel") == "canonical"]
        others = {one.get("hreflang"): one.get("href") for one in links if one.get("rel") == "alternate"}
        titles = [one.text for one in page.all("title") if one.up("plot") is None and one.above.tag == "head"]
        checks = {
            "one h1": len(list(page.all("h1"))) == 1,
            "h1 with words": all(one.text for one in page.all("h1")),
            "one title": len(titles) == 1 and len(titles[0]) > len(" \u00b7 Vigie"),
            "description": len(metas.get("description", "")) >= 20,
            "lang": next(page.all("html")).get("lang") == language[:2],
            "canonical": len(canonical) == 1 and canonical[0].startswith(site.url),
            "hreflang": set(others) == {"en", "fr"}
            and all(one.startswith(site.url) for one in others.values()),
        }
        faults += [f"{path}: {name}" for name, holds in checks.items() if not holds]
    assert not faults, told(faults)


def test_every_filled_page_is_small(english, french):
    fat = [
        f"{path}: {size} bytes, {nodes} elements"
        for found in (english, french)
        for path, root in found.pages.items()
        for size in [len(brotli.compress(found.answers[path].content, quality=5))]
        for nodes in [sum(1 for _ in root.all())]
        # A table asked for with 500 rows a page has as many elements as it has cells.
        if size > HTML or (nodes > NODES and "rows=500" not in path)
    ]
    assert not fat, told(fat)


def test_titles_tell_pages_apart(english):
    by_title = {}
    for path, page in english.pages.items():
        title = next(one.text for one in page.all("title") if one.above.tag == "head")
        by_title.setdefault(title, set()).add(shape(path)[0])
    shared = {title: sorted(paths) for title, paths in by_title.items() if len(paths) > 1}
    assert not shared


def test_every_table_has_a_caption_and_scoped_headers(both):
    faults = []
    for path, page in both:
        for table in page.all("table"):
            name = table.get("id") or table.text[:40]
            if not any(one.text for one in table.all("caption")):
                faults.append(f"{shape(path)[0]}: {name}: no caption")
            if any(one.get("scope") not in ("col", "row", "colgroup", "rowgroup") for one in table.all("th")):
                faults.append(f"{shape(path)[0]}: {name}: a header without scope")
            if not any(one.get("scope") == "col" for one in table.all("th")):
                faults.append(f"{shape(path)[0]}: {name}: no column headers")
    assert not faults, told(faults)


def test_every_link_that_sorts_a_table_answers(site, english):
    # Of pages of one shape one is asked: their tables have the same columns. What sorts by words sorts in any language.
    links = {}
    for path, page in english.pages.items():
        for link in page.all("a"):
            if "sort" in link.classes:
                there = urlsplit(urljoin(site.url + path, link.get("href")))
                links.setdefault((shape(path), link.get("data-column")), f"{there.path}?{there.query}")
    assert len({of_page for (of_page, *_), _ in links}) >= 5
    with httpx.Client(base_url=site.url, cookies={SESSION: site.cookie["value"]}, timeout=60) as client:
        answers = {link: client.get(link) for link in links.values()}
    broken = [f"{answer.status_code} {link}" for link, answer in answers.items() if answer.status_code != 200]
    # A link that a page draws is one that its table can be sorted by.
    broken += [link for link, answer in answers.items() if "cannot be sorted" in answer.text]
    assert not broken, told(broken)


def seen_of(node):
    """Return the words below an element that are drawn."""
    if "visually-hidden" in node.classes or node.tag == "title" or node.get("aria-hidden") == "true":
        return ""
    return " ".join(part if isinstance(part, str) else seen_of(part) for part in node.parts)


def test_names_for_screen_readers_hold_what_is_written(both):
    faults = []
    for path, page in both:
        for one in page.all("a", "button", "summary"):
            written = " ".join(re.findall(r"[^\W_]+", seen_of(one).lower()))
            spoken = " ".join(re.findall(r"[^\W_]+", one.get("aria-label").lower()))
            # Who speaks to a page says what is seen (WCAG 2.5.3); whole words, not letters of them.
            if spoken and written and f" {written} " not in f" {spoken} ":
                faults.append(f"{shape(path)[0]}: {one.text!r} is called {one.get('aria-label')!r}")
    assert not faults, told(faults)


def test_every_table_of_figures_has_exports(both):
    faults = []
    for path, page in both:
        if shape(path)[0] == "/styleguide":
            continue
        for table in page.all("table"):
            # An example of what will be here has no rows to export.
            if table.up("example") is not None or not any("num" in one.classes for one in table.all("td")):
                continue
            lists = [one for tag in ("ul", "div") for one in page.all(tag) if "exports" in one.classes]
            # One of its own card, or one outside any card for all tables of the page.
            if not any(one.up("card") in (None, table.up("card")) for one in lists):
                faults.append(f"{shape(path)[0]}: {table.get('id') or table.text[:40]}")
    assert not faults, told(faults)


def test_exports_work_and_say_where_their_figures_are_from(english):
    faults, kinds = [], Counter()
    for path, answer in english.answers.items():
        if not path.startswith("/api/"):
            continue
        kind = urlsplit(path).path.rsplit(".", 1)[-1]
        kinds[kind] += 1
        if not answer.content:
            faults.append(f"{path}: empty")
        if kind != "json":
            continue
        body = json.loads(answer.content)
        if "columns" not in body:
            continue
        sources = [text for key, text in body.get("about", []) if key == "source"]
        for column in body["columns"]:
            # Moments, places in an order and counts of rows are the table's own.
            is_own = column["is_drawn"] or column["unit"] in ("", "ms", "age", "count", "took")
            if is_own or column["source"] or sources:
                continue
            faults.append(f"{urlsplit(path).path}: {column['name']} has no source")
    assert not faults, told(faults)
    assert min(kinds[one] for one in ("csv", "json", "xlsx", "parquet")) >= 10


def test_charts_are_there_as_pictures(english):
    pictures = [path for path in english.answers if path.startswith("/chart/")]
    assert {urlsplit(path).path.rsplit(".", 1)[-1] for path in pictures} == {"svg", "png"}
    for path in pictures:
        body = english.answers[path].content
        assert body.startswith((b"<svg", b"<?xml", b"\x89PNG")), path


def test_every_figure_says_where_it_is_from(both):
    faults = []
    for path, page in both:
        for one in page.all("div", "span"):
            if "tile" not in one.classes and "figure" not in one.classes:
                continue
            if "tile" in one.classes and not any("tile-value" in part.classes for part in one.all()):
                continue
            around = one if "tile" in one.classes else one.up("card") or one
            meta = [part.text for part in around.all("span") if "meta" in part.classes]
            cites = [part for part in around.all("button") if part.get("data-cite-source")]
            value = next(
                (part.text for part in one.all() if part.classes & {"tile-value", "figure-value"}), ""
            )
            if value in ("", "\u2013"):
                continue
            if not any(meta) or not cites:
                faults.append(f"{shape(path)[0]}: {one.text[:80]}")
    assert not faults, told(faults)


@cache
def foreign() -> list[tuple[str, re.Pattern[str]]]:
    """English texts of more than two words that French says otherwise: their longest part, and what to look for."""
    found = []
    for english, french in texts("fr").items():
        words = re.findall(r"[A-Za-z']{2,}", re.sub(r"%\(\w+\)s", " ", english))
        # What stands letter for letter in its own French gives nothing away.
        if len(words) > 2 and english not in french and "<" not in english:
            parts = [re.escape(part) for part in re.split(r"%\(\w+\)s", english.replace("%%", "%"))]
            if max(len(part) for part in parts) >= 12:
                pattern = re.compile(r"(?<!\w)" + ".{1,80}?".join(parts) + r"(?!\w)")
                found.append((max(re.split(r"%\(\w+\)s", english.replace("%%", "%")), key=len), pattern))
    return found


def words_in(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return re.findall(r"[^\W_]+", text)


def foreign_among(told: Iterable[str]) -> list[tuple[str, re.Pattern[str]]]:
    """Return the English texts whose words are all among some texts; the first and the last may be cut."""
    words = {word for text in told for word in words_in(text)}
    return [(part, pattern) for part, pattern in foreign() if words.issuperset(words_in(part)[1:-1])]


def is_foreign(text: str, near: list[tuple[str, re.Pattern[str]]]) -> bool:
    """Tell whether a text holds one that has its French."""
    return any(part in text and pattern.search(text) for part, pattern in near)


def said(node: Node) -> Iterator[str]:
    """Yield what a page says: its texts and attributes, without what is marked as another language or as code."""
    if node.tag in ("script", "style", "code", "kbd", "pre") or (node.tag != "html" and node.get("lang")):
        return
    if node.tag == "meta" and node.get("name") != "description":
        return
    yield from (" ".join(node.get(name).split()) for name in SAID if node.get(name))
    own = " ".join("".join(part for part in node.parts if isinstance(part, str)).split())
    if own:
        yield own
    for part in node.parts:
        if isinstance(part, Node):
            yield from said(part)


def english_in(text: str) -> str:
    """Return the English words that give a text away; two different ones are needed."""
    words = {word for word in re.findall(r"[a-z_']+", text.lower()) if word in ENGLISH}
    return " ".join(sorted(words)) if len(words) > 1 else ""


# A headline stands in quotation marks as its publisher wrote it.
QUOTED = re.compile("\u00ab\u00a0[^\u00bb]+\u00bb")
# Names of the simulated newsroom that hold English words, longest first.
PUBLISHERS = re.compile("|".join(re.escape(name) for name in sorted(
    {part for outlet in BY_HOST.values() for part in (outlet.title, outlet.title.partition(" (")[0])}
    | {"Announcements of Kestrel"}, key=len, reverse=True)))  # fmt: skip


def site_rows(site):
    """Return the sources of the house."""
    owner = {SESSION: site.cookie["value"]}
    return httpx.get(f"{site.url}/api/v1/sources/list.json", cookies=owner).json()["rows"]


def test_no_english_is_left_on_french_pages(site, french):
    faults = []
    # Names of services are what they are called everywhere.
    names = {row["title"] for row in site_rows(site)}
    # The same is said on many pages.
    where = {text: shape(path)[0] for path, page in french.pages.items() for text in said(page)}
    near = foreign_among(where)
    for text, path in where.items():
        if text in names:
            continue
        # What is asked of a service stands in brackets behind its name.
        named = next((name for name in names if text.startswith(f"{name} (")), "")
        # Two publishers in one line are two names, not a sentence.
        unnamed = PUBLISHERS.sub(" ", QUOTED.sub(" ", text.removeprefix(named)))
        if english_in(unnamed):
            faults.append(f"{path}: {text[:160]}")
        elif is_foreign(unnamed if named else text, near):
            faults.append(f"{path}: (a text that has its French) {text[:160]}")
    assert not faults, told(faults)


# A number as English writes it: 1.5 with a point, 1,234,567 with commas; of an address or a condition it is code.
ENGLISH_NUMBER = re.compile(
    r"(?<![\w.,/:#<>=-])[-+\u2212]?\d+(?:,\d{3})*\.\d+(?![\w./:-]*[A-Za-z/.]\w)|(?<![\w.,])\d{1,3}(?:,\d{3}){2,}"
)
# Without the no-break space that French has before them; addresses and times have none.
TIGHT = re.compile(r"[^\W\d_](?:[;?!]|:(?=\s))|[^\s\u00a0\u202f\u00ab\u00bb]\u00bb|\u00ab[^\s\u00a0\u202f]")
# Licences, and how some sources ask to be named.
LICENCES = re.compile(
    r"(?:Source: [^\u00b7]*|Apache|CC BY[-NCSA]*|Licence Ouverte) ?\(?(?:CC BY[-NCSA]* )?\d\.0\)?"
)
CODE = {"code", "pre", "script", "style", "svg", "textarea", "title", "input", "option"}
# Heads of mails and of answers, as they came.
AS_IT_CAME = {"/demo/mail/{number}", "/news/{id}/evidence", "/styleguide"}


def own_texts(node, language):
    """Yield the texts below an element that are ours and in a language."""
    for is_text, parts in groupby(node.parts, lambda part: isinstance(part, str)):
        if is_text:
            # A sign such as < parts a text where it is read.
            yield LICENCES.sub("", "".join(parts))
            continue
        for part in parts:
            if part.tag not in CODE and part.get("lang") in ("", language):
                yield from own_texts(part, language)


def test_french_pages_write_numbers_and_signs_as_french_does(french):
    faults = [
        f"{shape(path)[0]}: {found[0]!r} in {text.strip()[:160]!r}"
        for path, page in french.pages.items()
        if shape(path)[0] not in AS_IT_CAME
        for text in own_texts(next(page.all("body")), "fr")
        for rule in (ENGLISH_NUMBER, TIGHT)
        for found in rule.finditer(text)
    ]
    assert not faults, told(faults)


def test_english_pages_have_no_french_quotation_marks(english):
    faults = [
        f"{shape(path)[0]}: {text.strip()[:160]!r}"
        for path, page in english.pages.items()
        for text in own_texts(next(page.all("body")), "en")
        if "\u00ab" in text
    ]
    assert not faults, told(faults)
