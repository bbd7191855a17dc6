"""The weekly brief as a page of its own, without script and loading nothing, as text, and as it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

from vigie.domain.register import RegisterChange
from vigie.intelligence.market.words import NUMBERS
from vigie.ports.printing import DocumentBlock, LineChart, PrintedDocument, TextSpan
from vigie.services.french import french
from vigie.services.market_data.licence_terms import instrument_text
from vigie.services.news.brief import Brief, Gauge, Story
from vigie.services.news.brief_chart import as_figure, drawn
from vigie.services.news.brief_days import number_of
from vigie.services.news.brief_prices import MOST_DRAWN, Price
from vigie.services.news.brief_words import WORDS, day_of, days_of, moment_of
from vigie.services.news.ending import ending, word_of
from vigie.services.news.leading import linked
from vigie.services.news.quoting import QUOTES, foreign, quoted, within
from vigie.services.news.telling import Told, summary

_LONGEST: Final = 300
_MOST_NAMED: Final = 3
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin-bottom:.2rem}"
    "blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #bbb}p{margin:.3rem 0}"
    ".small{font-size:.85rem;color:#555}a{color:#0b57a4}figure{margin:1rem 0}figcaption{font-weight:600}"
    ".key,.mark{white-space:nowrap}.key{margin-right:1rem}.mark{font-size:.85rem;font-weight:400;color:#555}"
)


@dataclass(frozen=True, slots=True)
class LineQuote:
    """A publisher's own words, with who said them, where, and in which language; `mark` as of a line."""

    text: str
    publisher: str
    url: str
    language: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a brief says: a text, its address and language, what is said small below it, its quotes.

    Attributes
    ----------
    quotes : sequence of LineQuote
        Sentences of others.
    below_language : str
        That of what is said below where it is another than the brief's.
    mark : str
        In which language the text is, where that is another than the brief's: ``[en anglais]``.
    """

    text: str
    url: str = ""
    language: str = ""
    below: str = ""
    quotes: Sequence[LineQuote] = ()
    below_language: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines; `more` says what is left out, `drawing` is the picture of it."""

    title: str
    lines: Sequence[Line] = field(default_factory=list)
    more: str = ""
    drawing: LineChart | None = None


def title_of(brief: Brief, language: str) -> str:
    """Return what a brief is called."""
    return WORDS[language]["title"].format(days=days_of(brief.start_ms, language))


def as_html(brief: Brief, language: str, end: str = "", *, is_mail: bool = False) -> str:
    """Return a brief as one HTML file.

    Parameters
    ----------
    end : str
        Where such mails end; empty where it is none, or nothing ends.
    is_mail : bool
        Whether mail programs show it: they draw no chart of a message, so that it is told, and stands in the PDF.
    """
    title = escape(title_of(brief, language))
    body = "".join(_html_section(one, language, is_mail=is_mail) for one in sections_of(brief, language))
    heads = "".join(f'<p class="small">{escape(line)}</p>' for line in heads_of(brief, language))
    foot = "".join(f'<p class="small">{escape(line)}</p>' for line in foot_of(brief, language))
    if end:
        foot += f'<p class="small"><a href="{escape(end)}">{escape(WORDS[language]["end"])}</a></p>'
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{heads}{body}"
        f"<footer>{foot}</footer></body></html>\n"
    )


def as_text(brief: Brief, language: str, *, is_mail: bool = False) -> str:
    """Return a brief as plain text; its chart in words, and in a mail where its picture is."""
    lines = [title_of(brief, language), *heads_of(brief, language), ""]
    for section in sections_of(brief, language):
        lines += [section.title.upper(), ""]
        for one in section.lines:
            lines += [text for text in (_marked(one, language), one.below, one.url) if text]
            lines += [
                f"  {_quotation(two, language)} {two.publisher} {two.url}".rstrip() for two in one.quotes
            ]
            lines.append("")
        lines += [section.more, ""] if section.more else []
        if section.drawing:
            lines += [section.drawing.title, section.drawing.alt, section.drawing.note]
            lines += [WORDS[language]["chart_mailed"]] if is_mail else []
            lines.append("")
    return "\n".join([*lines, *foot_of(brief, language), ""])


def as_paper(brief: Brief, language: str) -> PrintedDocument:
    """Return a brief as it is printed."""
    title = title_of(brief, language)
    pieces = [DocumentBlock("h1", [TextSpan(title)])]
    pieces += [DocumentBlock("small", [TextSpan(line)]) for line in heads_of(brief, language)]
    for section in sections_of(brief, language):
        pieces.append(DocumentBlock("h2", [TextSpan(section.title)]))
        for line in section.lines:
            pieces += _printed(line, language)
        pieces += [DocumentBlock("small", [TextSpan(section.more)])] if section.more else []
        pieces += _pictured(section.drawing) if section.drawing else []
    pieces += [DocumentBlock("small", [TextSpan(line)]) for line in foot_of(brief, language)]
    words = WORDS[language]
    said = [words["simulated"], words["foot"]] if brief.is_simulated else [words["foot"]]
    # What others wrote has no part in it: braces are the printer's.
    return PrintedDocument(title, language, pieces, " ".join([*said, "{page} / {pages}"]))


def _printed(line: Line, language: str) -> Iterator[DocumentBlock]:
    is_head = bool(line.url or line.quotes)
    text = quoted(line.text, language) if line.mark else line.text
    marks = [TextSpan(line.mark)] if line.mark else []
    yield DocumentBlock("h3" if is_head else "text", [TextSpan(text, line.url, line.language), *marks])
    if line.below:
        yield DocumentBlock("small", [TextSpan(line.below, "", line.below_language)])
    for one in line.quotes:
        said = TextSpan(quoted(one.text, language), "", one.language)
        yield DocumentBlock(
            "quote", [said, *([TextSpan(one.mark)] if one.mark else []), TextSpan(one.publisher, one.url)]
        )


def _pictured(drawing: LineChart) -> Iterator[DocumentBlock]:
    yield DocumentBlock("h3", [TextSpan(drawing.title)])
    yield DocumentBlock("picture", [TextSpan(drawing.alt)], drawing)
    yield DocumentBlock("small", [TextSpan(drawing.note)])


def _marked(line: Line, language: str) -> str:
    return f"{quoted(line.text, language)} {line.mark}" if line.mark else line.text


def _quotation(one: LineQuote, language: str) -> str:
    return f"{quoted(one.text, language)} {one.mark}".rstrip()


def heads_of(brief: Brief, language: str) -> Iterator[str]:
    """Yield what is said before the first section."""
    words = WORDS[language]
    if brief.is_simulated:
        yield words["simulated"]
    start, end = (moment_of(ts, language) for ts in (brief.start_ms, brief.end_ms))
    yield words["span"].format(start=start, end=end, week=number_of(brief.week), items=brief.items)
    if brief.is_cut:
        yield words["cut"].format(items=brief.items)


def foot_of(brief: Brief, language: str) -> list[str]:
    """Return what is said behind the last section."""
    words = WORDS[language]
    return [words["quotes"], words["foot"], *([words["simulated"]] if brief.is_simulated else [])]


def sections_of(brief: Brief, language: str) -> list[Section]:
    """Return the sections; one without lines says so, and where nothing happened one sentence is all."""
    words = WORDS[language]
    changes = [_change(one, brief, language) for one in brief.changes]
    gauges = _mood(brief, words)
    prices = priced(brief, language)
    if not (brief.stories or brief.releases or brief.changes):
        is_known = any(one.after is not None for one in brief.gauges)
        is_priced = brief.prices.has_list or any(one.ts is not None for one in brief.prices.prices)
        empty = Section(words["stories"], [Line(words["empty"])])
        return [*([prices] if is_priced else []), empty, *([gauges] if is_known else [])]
    sections = [
        prices,
        Section(words["stories"], [_story(one, brief, language) for one in brief.stories]),
        Section(
            words["regulation"],
            [_release(one, brief, language) for one in brief.releases],
            " ".join(part for part in (_more(brief.more_releases, words), _above(brief, words)) if part),
        ),
        Section(words["registers"], changes, _more(brief.more_changes, words)),
        gauges,
        Section(
            words["sources"],
            [_source(title, licence, language) for title, licence in sorted(brief.sources.values())],
        ),
    ]
    nothing = [Line(words["nothing"])]
    # What stands above is told of, and not nothing.
    return [one if one.lines or one.more else Section(one.title, nothing) for one in sections]


def priced(brief: Brief, language: str) -> Section:
    """Return the prices of what the reader watches, each with its time and place, and their chart."""
    words, held = WORDS[language], brief.prices
    if held.has_list and not held.prices:
        return Section(words["prices"], [Line(words["no_assets"])])
    more = words["prices_of" if held.has_list else "prices_start"]
    if held.more:
        more += " " + _more(held.more, words)
    lines = [_price(one, held.money, language) for one in held.prices]
    picture = drawn(held.curves, brief.start_ms, brief.end_ms, language)
    names = ", ".join(
        one.name for one in held.prices[:MOST_DRAWN] if one.asset not in {two.asset for two in held.curves}
    )
    if names:
        more += " " + words["not_drawn" if picture else "no_chart"].format(names=names)
    return Section(words["prices"], lines, more, picture)


def _price(one: Price, money: str, language: str) -> Line:
    words, numbers = WORDS[language], NUMBERS[language]
    name = f"{one.name} ({one.symbol})" if one.symbol != one.name else one.name
    if one.price is None or one.ts is None:
        return Line(words["is"].format(name=name, value=words["unknown"]), below=words["no_bars"])
    # What is counted in euros was counted in them where it was read.
    told = replace(numbers, euro=1.0 if money == "eur" else 0.0).money(one.price, is_price=True)
    at = words["at"].format(moment=moment_of(one.ts, language), place=instrument_text(one.place))
    if one.is_before:
        return Line(
            words["is"].format(name=name, value=words["unknown"]),
            below=words["last_price"].format(price=told, at=at),
        )
    changes = [
        words["unknown"] if value is None else numbers.percent(value, 1, sign=True)
        for value in (one.change_24h, one.change_7d)
    ]
    below = words["changes"].format(day=changes[0], week=changes[1])
    old = f" · {words['old']}" if one.is_old else ""
    return Line(words["is"].format(name=name, value=told), below=f"{below} · {at}{old}")


def _source(title: str, licence: str, language: str) -> Line:
    if language == "en" or not licence:
        return Line(title, below=licence)
    said = french().get(licence)
    return Line(title, below=licence, below_language="en") if said is None else Line(title, below=said)


def _more(number: int, words: Mapping[str, str]) -> str:
    return words["more"].format(number=number) if number else ""


def _above(brief: Brief, words: Mapping[str, str]) -> str:
    return words["told_above"].format(number=brief.told_releases) if brief.told_releases else ""


def _story(one: Story, brief: Brief, language: str) -> Line:
    words, said = WORDS[language], one.head.item.said
    first = words["first"].format(
        publisher=one.first.publisher.title, when=_out(one.first, language), number=one.publishers
    )
    below = " · ".join(part for part in (one.head.publisher.title, first, words.get(one.status, "")) if part)
    # The regulator's own words come first where somebody else's head the story.
    found = [(one.release.item.said.title, one.release)] if one.release else []
    titles = (said.title, *(text for text, _ in found))
    found += [(two.text, two.told) for two in one.quotes if two.text not in titles]
    quotes = [_line_quote(text, by, brief, language) for text, by in found]
    mark = foreign(one.head.language, language)
    return Line(_short(said.title), _linked(brief, said.url), one.head.language, below, quotes, mark=mark)


def _release(event: Sequence[Told], brief: Brief, language: str) -> Line:
    one, said = event[0], event[0].item.said
    below = "; ".join(f"{each.publisher.title}, {_out(each, language)}" for each in event[:_MOST_NAMED])
    if len(event) > _MOST_NAMED:
        below += f" {_more(len(event) - _MOST_NAMED, WORDS[language])}"
    mark = foreign(one.language, language)
    quotes = [
        _line_quote(two.text, two.told, brief, language)
        for two in summary([one])[:1]
        if two.text != said.title
    ]
    return Line(_short(said.title), _linked(brief, said.url), one.language, below, quotes, mark=mark)


def _line_quote(text: str, by: Told, brief: Brief, language: str) -> LineQuote:
    url = _linked(brief, by.item.said.url)
    return LineQuote(_short(text), by.publisher.title, url, by.language, foreign(by.language, language))


def _linked(brief: Brief, url: str) -> str:
    return linked(url, brief.address, is_simulated=brief.is_simulated)


def _change(one: RegisterChange, brief: Brief, language: str) -> Line:
    words = WORDS[language]
    firm = f"{one.entry.name} ({one.entry.country})" if one.entry.country else one.entry.name
    what = words[word_of(one)].format(day=day_of(ending(one) or one.ts_seen, language))
    text = words["is"].format(name=_short(firm), value=what)
    return Line(text, below=f"{brief.sources[one.register][0]}, {moment_of(one.ts_seen, language)}")


def _mood(brief: Brief, words: Mapping[str, str]) -> Section:
    """Return the gauges that have a value; the others in one sentence, with the reason."""
    known = [one for one in brief.gauges if one.before is not None or one.after is not None]
    names = "; ".join(words.get(one.series, words["news"]) for one in brief.gauges if one not in known)
    more = words["no_values"].format(names=names) if names else ""
    return Section(words["mood"], [_gauge(one, words) for one in known], more)


def _gauge(one: Gauge, words: Mapping[str, str]) -> Line:
    before, after = (
        words["no_value"] if value is None else f"{value:.0f}" for value in (one.before, one.after)
    )
    name = words.get(one.series, words["news"])
    told = words["is"]
    below = told.format(name=words["before"], value=before)
    return Line(told.format(name=name, value=after), below=below)


def _html_section(section: Section, language: str, *, is_mail: bool) -> str:
    lines = "".join(_html_line(one, language) for one in section.lines)
    more = f'<p class="small">{escape(section.more)}</p>' if section.more else ""
    drawn = ""
    if section.drawing:
        drawn = _told_picture(section.drawing, language) if is_mail else as_figure(section.drawing)
    return f"<section><h2>{escape(section.title)}</h2>{lines}{more}{drawn}</section>"


def _told_picture(drawing: LineChart, language: str) -> str:
    return (
        f"<h3>{escape(drawing.title)}</h3><p>{escape(drawing.alt)}</p>"
        f'<p class="small">{escape(drawing.note)}</p><p>{escape(WORDS[language]["chart_mailed"])}</p>'
    )


def _html_line(one: Line, language: str) -> str:
    said = _quoted(one.text, one.language, one.url, one.mark, language)
    quotes = "".join(
        f"<blockquote>{_quoted(two.text, two.language, '', two.mark, language, is_quote=True)} "
        f'<span class="small">{_spoken(two.publisher, "", two.url)}</span></blockquote>'
        for two in one.quotes
    )
    below = f'<p class="small">{_spoken(one.below, one.below_language, "")}</p>' if one.below else ""
    return f"<h3>{said}</h3>{below}{quotes}" if one.url or one.quotes else f"<p>{said}</p>{below}"


def _quoted(text: str, language: str, url: str, mark: str, here: str, *, is_quote: bool = False) -> str:
    if not (is_quote or mark):
        return _spoken(text, language, url)
    opening, closing = QUOTES[here]
    said = f"{opening}{_spoken(within(text, here), language, url)}{closing}"
    return said + (f' <span class="mark">{escape(mark)}</span>' if mark else "")


def _spoken(text: str, language: str, url: str) -> str:
    tongue = f' lang="{escape(language)}"' if language else ""
    if url:
        return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow"{tongue}>{escape(text)}</a>'
    return f"<span{tongue}>{escape(text)}</span>"


def _short(text: str) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def _out(one: Told, language: str) -> str:
    """Return when something was published: a day alone where its source states no time of it."""
    said = one.item.said
    if said.precision == "day" and said.ts_published is not None:
        return day_of(said.ts_published, language)
    return moment_of(one.ts, language)
