"""What the weekly brief says, section by section; it as text, and as it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vigie.catalogue import read_catalogue
from vigie.domain.register import RegisterChange
from vigie.intelligence.market.words import numbers_of
from vigie.ports.printing import DocumentBlock, LineChart, PrintedDocument, TextSpan
from vigie.services.market_data.licence_terms import instrument_text
from vigie.services.news.brief.brief import Brief, BriefMetric, BriefStory
from vigie.services.news.brief.chart import draw_chart
from vigie.services.news.brief.prices import MOST_DRAWN, WeekPrice
from vigie.services.news.brief.schedule import number_of
from vigie.services.news.brief.words import TEXTS, day_of, days_of, moment_of
from vigie.services.news.entities.registers import change_word, licence_end
from vigie.services.news.news_rows import safe_link
from vigie.services.news.quoting import language_mark, quote_text
from vigie.services.news.story_summary import StoryItem, summarise_story

_LONGEST: Final = 300
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class LineQuote:
    """A publisher's own words, with who said them, where, and in which language; `mark` as of a line."""

    text: str
    publisher: str
    url: str
    language: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class BriefSectionLine:
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
    lines: Sequence[BriefSectionLine] = field(default_factory=list)
    more: str = ""
    drawing: LineChart | None = None


def title_of(brief: Brief, language: str) -> str:
    """Return what a brief is called."""
    return TEXTS[language]["title"].format(days=days_of(brief.start_ms, language))


def render_text(brief: Brief, language: str, *, is_mail: bool = False) -> str:
    """Return a brief as plain text; its chart in words, and in a mail where its picture is."""
    lines = [title_of(brief, language), *head_lines(brief, language), ""]
    for section in build_sections(brief, language):
        lines += [section.title.upper(), ""]
        for line in section.lines:
            lines += [text for text in (_marked_text(line, language), line.below, line.url) if text]
            lines += [
                f"  {_quote_text(quote, language)} {quote.publisher} {quote.url}".rstrip()
                for quote in line.quotes
            ]
            lines.append("")
        lines += [section.more, ""] if section.more else []
        if section.drawing:
            lines += [section.drawing.title, section.drawing.alt, section.drawing.note]
            lines += [TEXTS[language]["chart_mailed"]] if is_mail else []
            lines.append("")
    return "\n".join([*lines, *foot_lines(brief, language), ""])


def render_paper(brief: Brief, language: str) -> PrintedDocument:
    """Return a brief as it is printed."""
    title = title_of(brief, language)
    pieces = [DocumentBlock("h1", [TextSpan(title)])]
    pieces += [DocumentBlock("small", [TextSpan(line)]) for line in head_lines(brief, language)]
    for section in build_sections(brief, language):
        pieces.append(DocumentBlock("h2", [TextSpan(section.title)]))
        for line in section.lines:
            pieces += _line_pieces(line, language)
        pieces += [DocumentBlock("small", [TextSpan(section.more)])] if section.more else []
        pieces += _picture_pieces(section.drawing) if section.drawing else []
    pieces += [DocumentBlock("small", [TextSpan(line)]) for line in foot_lines(brief, language)]
    words = TEXTS[language]
    footer = [words["simulated"], words["foot"]] if brief.is_simulated else [words["foot"]]
    # What others wrote has no part in it: braces are the printer's.
    return PrintedDocument(title, language, pieces, " ".join([*footer, "{page} / {pages}"]))


def _line_pieces(line: BriefSectionLine, language: str) -> Iterator[DocumentBlock]:
    is_head = bool(line.url or line.quotes)
    text = quote_text(line.text, language) if line.mark else line.text
    marks = [TextSpan(line.mark)] if line.mark else []
    yield DocumentBlock("h3" if is_head else "text", [TextSpan(text, line.url, line.language), *marks])
    if line.below:
        yield DocumentBlock("small", [TextSpan(line.below, "", line.below_language)])
    for quote in line.quotes:
        quoted_span = TextSpan(quote_text(quote.text, language), "", quote.language)
        yield DocumentBlock(
            "quote",
            [
                quoted_span,
                *([TextSpan(quote.mark)] if quote.mark else []),
                TextSpan(quote.publisher, quote.url),
            ],
        )


def _picture_pieces(drawing: LineChart) -> Iterator[DocumentBlock]:
    yield DocumentBlock("h3", [TextSpan(drawing.title)])
    yield DocumentBlock("picture", [TextSpan(drawing.alt)], drawing)
    yield DocumentBlock("small", [TextSpan(drawing.note)])


def _marked_text(line: BriefSectionLine, language: str) -> str:
    return f"{quote_text(line.text, language)} {line.mark}" if line.mark else line.text


def _quote_text(quote: LineQuote, language: str) -> str:
    return f"{quote_text(quote.text, language)} {quote.mark}".rstrip()


def head_lines(brief: Brief, language: str) -> Iterator[str]:
    """Yield what is said before the first section."""
    words = TEXTS[language]
    if brief.is_simulated:
        yield words["simulated"]
    start, end = (moment_of(ts, language) for ts in (brief.start_ms, brief.end_ms))
    yield words["span"].format(start=start, end=end, week=number_of(brief.week), items=brief.items)
    if brief.is_cut:
        yield words["cut"].format(items=brief.items)


def foot_lines(brief: Brief, language: str) -> list[str]:
    """Return what is said behind the last section."""
    words = TEXTS[language]
    return [words["quotes"], words["foot"], *([words["simulated"]] if brief.is_simulated else [])]


def build_sections(brief: Brief, language: str) -> list[Section]:
    """Return the sections; one without lines says so, and where nothing happened one sentence is all."""
    words = TEXTS[language]
    changes = [_change_line(entry, brief, language) for entry in brief.changes]
    mood_section = _mood_section(brief, words)
    prices = price_section(brief, language)
    if not (brief.stories or brief.releases or brief.changes):
        is_known = any(entry.after is not None for entry in brief.metrics)
        is_priced = brief.prices.has_list or any(entry.ts is not None for entry in brief.prices.prices)
        empty = Section(words["stories"], [BriefSectionLine(words["empty"])])
        return [*([prices] if is_priced else []), empty, *([mood_section] if is_known else [])]
    sections = [
        prices,
        Section(words["stories"], [_story_line(entry, brief, language) for entry in brief.stories]),
        Section(
            words["regulation"],
            [_release_line(entry, brief, language) for entry in brief.releases],
            " ".join(
                part
                for part in (_more_text(brief.more_releases, words), _releases_above_text(brief, words))
                if part
            ),
        ),
        Section(words["registers"], changes, _more_text(brief.more_changes, words)),
        mood_section,
        Section(
            words["sources"],
            [_source_line(title, licence, language) for title, licence in sorted(brief.sources.values())],
        ),
    ]
    nothing = [BriefSectionLine(words["nothing"])]
    # What stands above is told of, and not nothing.
    return [entry if entry.lines or entry.more else Section(entry.title, nothing) for entry in sections]


def price_section(brief: Brief, language: str) -> Section:
    """Return the prices of what the reader watches, each with its time and place, and their chart."""
    words, week_prices = TEXTS[language], brief.prices
    if week_prices.has_list and not week_prices.prices:
        return Section(words["prices"], [BriefSectionLine(words["no_assets"])])
    more = words["prices_of" if week_prices.has_list else "prices_start"]
    if week_prices.more:
        more += " " + _more_text(week_prices.more, words)
    lines = [_price_line(price, week_prices.money, language) for price in week_prices.prices]
    picture = draw_chart(week_prices.curves, brief.start_ms, brief.end_ms, language)
    names = ", ".join(
        price.name
        for price in week_prices.prices[:MOST_DRAWN]
        if price.asset not in {curve.asset for curve in week_prices.curves}
    )
    if names:
        more += " " + words["not_drawn" if picture else "no_chart"].format(names=names)
    return Section(words["prices"], lines, more, picture)


def _price_line(price_row: WeekPrice, money: str, language: str) -> BriefSectionLine:
    words, numbers = TEXTS[language], numbers_of(language)
    name = f"{price_row.name} ({price_row.symbol})" if price_row.symbol != price_row.name else price_row.name
    if price_row.price is None or price_row.ts is None:
        return BriefSectionLine(words["is"].format(name=name, value=words["unknown"]), below=words["no_bars"])
    # What is counted in euros was counted in them where it was read.
    price_text = replace(numbers, euro=1.0 if money == "eur" else 0.0).money(price_row.price, is_price=True)
    place_text = words["at"].format(
        moment=moment_of(price_row.ts, language), place=instrument_text(price_row.place)
    )
    if price_row.is_before:
        return BriefSectionLine(
            words["is"].format(name=name, value=words["unknown"]),
            below=words["last_price"].format(price=price_text, at=place_text),
        )
    changes = [
        words["unknown"] if value is None else numbers.percent(value, 1, sign=True)
        for value in (price_row.change_24h, price_row.change_7d)
    ]
    below = words["changes"].format(day=changes[0], week=changes[1])
    age_text = f" · {words['old']}" if price_row.is_old else ""
    return BriefSectionLine(
        words["is"].format(name=name, value=price_text), below=f"{below} · {place_text}{age_text}"
    )


def _source_line(title: str, licence: str, language: str) -> BriefSectionLine:
    if language == "en" or not licence:
        return BriefSectionLine(title, below=licence)
    translated = read_catalogue(language).texts.get(licence)
    return (
        BriefSectionLine(title, below=licence, below_language="en")
        if translated is None
        else BriefSectionLine(title, below=translated)
    )


def _more_text(number: int, words: Mapping[str, str]) -> str:
    return words["more"].format(number=number) if number else ""


def _releases_above_text(brief: Brief, words: Mapping[str, str]) -> str:
    return (
        words["told_above"].format(number=brief.n_releases_in_stories) if brief.n_releases_in_stories else ""
    )


def _story_line(story: BriefStory, brief: Brief, language: str) -> BriefSectionLine:
    words, content = TEXTS[language], story.head.item.content
    first = words["first"].format(
        publisher=story.first.publisher.title,
        when=_published_text(story.first, language),
        number=story.publishers,
    )
    below = " · ".join(
        part for part in (story.head.publisher.title, first, words.get(story.status, "")) if part
    )
    # The regulator's own words come first where somebody else's head the story.
    quoted_items = [(story.release.item.content.title, story.release)] if story.release else []
    titles = (content.title, *(text for text, _ in quoted_items))
    quoted_items += [(quote.text, quote.item) for quote in story.quotes if quote.text not in titles]
    quotes = [_line_quote(text, item, brief, language) for text, item in quoted_items]
    mark = language_mark(story.head.language, language)
    return BriefSectionLine(
        _shorten(content.title), _safe_link(brief, content.url), story.head.language, below, quotes, mark=mark
    )


def _release_line(event: Sequence[StoryItem], brief: Brief, language: str) -> BriefSectionLine:
    item, content = event[0], event[0].item.content
    below = "; ".join(
        f"{event_item.publisher.title}, {_published_text(event_item, language)}"
        for event_item in event[:_MOST_NAMED]
    )
    if len(event) > _MOST_NAMED:
        below += f" {_more_text(len(event) - _MOST_NAMED, TEXTS[language])}"
    mark = language_mark(item.language, language)
    quotes = [
        _line_quote(quote.text, quote.item, brief, language)
        for quote in summarise_story([item])[:1]
        if quote.text != content.title
    ]
    return BriefSectionLine(
        _shorten(content.title), _safe_link(brief, content.url), item.language, below, quotes, mark=mark
    )


def _line_quote(text: str, item: StoryItem, brief: Brief, language: str) -> LineQuote:
    url = _safe_link(brief, item.item.content.url)
    return LineQuote(
        _shorten(text), item.publisher.title, url, item.language, language_mark(item.language, language)
    )


def _safe_link(brief: Brief, url: str) -> str:
    return safe_link(url, brief.address, is_simulated=brief.is_simulated)


def _change_line(change: RegisterChange, brief: Brief, language: str) -> BriefSectionLine:
    words = TEXTS[language]
    firm = f"{change.entry.name} ({change.entry.country})" if change.entry.country else change.entry.name
    what = words[change_word(change)].format(day=day_of(licence_end(change) or change.ts_seen, language))
    text = words["is"].format(name=_shorten(firm), value=what)
    return BriefSectionLine(
        text, below=f"{brief.sources[change.register][0]}, {moment_of(change.ts_seen, language)}"
    )


def _mood_section(brief: Brief, words: Mapping[str, str]) -> Section:
    """Return the metrics that have a value; the others in one sentence, with the reason."""
    known_metrics = [
        metric for metric in brief.metrics if metric.before is not None or metric.after is not None
    ]
    names = "; ".join(
        words.get(metric.series, words["news"]) for metric in brief.metrics if metric not in known_metrics
    )
    more = words["no_values"].format(names=names) if names else ""
    return Section(words["mood"], [_metric_line(metric, words) for metric in known_metrics], more)


def _metric_line(metric: BriefMetric, words: Mapping[str, str]) -> BriefSectionLine:
    before, after = (
        words["no_value"] if value is None else f"{value:.0f}" for value in (metric.before, metric.after)
    )
    name = words.get(metric.series, words["news"])
    pattern = words["is"]
    below = pattern.format(name=words["before"], value=before)
    return BriefSectionLine(pattern.format(name=name, value=after), below=below)


def _shorten(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _LONGEST else f"{one_line[: _LONGEST - 1]}…"


def _published_text(item: StoryItem, language: str) -> str:
    """Return when something was published: a day alone where its source states no time of it."""
    content = item.item.content
    if content.precision == "day" and content.ts_published is not None:
        return day_of(content.ts_published, language)
    return moment_of(item.ts, language)
