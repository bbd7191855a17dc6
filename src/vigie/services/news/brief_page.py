"""The weekly brief as a page of its own, without script and loading nothing, as text, and as it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from vigie.domain.register import RegisterChange
from vigie.ports.printing import Paper, Piece, Span
from vigie.services.french import french
from vigie.services.news.brief import Brief, Gauge, Story
from vigie.services.news.brief_days import number_of
from vigie.services.news.brief_words import WORDS, day_of, days_of, moment_of
from vigie.services.news.ending import ending, word_of
from vigie.services.news.leading import linked
from vigie.services.news.telling import Told

_LONGEST: Final = 300
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin-bottom:.2rem}"
    "blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #bbb}p{margin:.3rem 0}"
    ".small{font-size:.85rem;color:#555}a{color:#0b57a4}td,th{text-align:left;padding:.2rem 1rem .2rem 0}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a brief says: a text, its address and language, what is said small below it, its quotes.

    `below_language` is that of what is said below where it is another than the brief's.
    """

    text: str
    url: str = ""
    language: str = ""
    below: str = ""
    quotes: Sequence[tuple[str, str, str, str]] = ()
    below_language: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines; `more` says how many are left out."""

    title: str
    lines: Sequence[Line] = field(default_factory=list)
    more: str = ""


def title_of(brief: Brief, language: str) -> str:
    """Return what a brief is called."""
    return WORDS[language]["title"].format(days=days_of(brief.start_ms, language))


def as_html(brief: Brief, language: str, end: str = "") -> str:
    """Return a brief as one HTML file; a mail of it says where such mails end."""
    title = escape(title_of(brief, language))
    body = "".join(_html_section(one) for one in sections_of(brief, language))
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


def as_text(brief: Brief, language: str) -> str:
    """Return a brief as plain text."""
    lines = [title_of(brief, language), *heads_of(brief, language), ""]
    for section in sections_of(brief, language):
        lines += [section.title.upper(), ""]
        for one in section.lines:
            lines += [text for text in (one.text, one.below, one.url) if text]
            lines += [f"  « {text} » {publisher} {url}".rstrip() for text, publisher, url, _ in one.quotes]
            lines.append("")
        lines += [section.more, ""] if section.more else []
    return "\n".join([*lines, *foot_of(brief, language), ""])


def as_paper(brief: Brief, language: str) -> Paper:
    """Return a brief as it is printed."""
    title = title_of(brief, language)
    pieces = [Piece("h1", [Span(title)])]
    pieces += [Piece("small", [Span(line)]) for line in heads_of(brief, language)]
    for section in sections_of(brief, language):
        pieces.append(Piece("h2", [Span(section.title)]))
        for line in section.lines:
            pieces += _printed(line)
        pieces += [Piece("small", [Span(section.more)])] if section.more else []
    pieces += [Piece("small", [Span(line)]) for line in foot_of(brief, language)]
    words = WORDS[language]
    said = [words["simulated"], words["foot"]] if brief.is_simulated else [words["foot"]]
    # What others wrote has no part in it: braces are the printer's.
    return Paper(title, language, pieces, " ".join([*said, "{page} / {pages}"]))


def _printed(line: Line) -> Iterator[Piece]:
    is_head = bool(line.url or line.quotes)
    yield Piece("h3" if is_head else "text", [Span(line.text, line.url, line.language)])
    if line.below:
        yield Piece("small", [Span(line.below, "", line.below_language)])
    for text, publisher, url, language in line.quotes:
        yield Piece("quote", [Span(text, "", language), Span(publisher, url)])


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
    gauges = Section(words["mood"], [_gauge(one, words) for one in brief.gauges])
    if not (brief.stories or brief.releases or brief.changes):
        is_known = any(one.after is not None for one in brief.gauges)
        return [Section(words["stories"], [Line(words["empty"])]), *([gauges] if is_known else [])]
    sections = [
        Section(words["stories"], [_story(one, brief, language) for one in brief.stories]),
        Section(
            words["regulation"],
            [_release(one, brief, language) for one in brief.releases],
            _more(brief.more_releases, words),
        ),
        Section(words["registers"], changes, _more(brief.more_changes, words)),
        gauges,
        Section(
            words["sources"],
            [_source(title, licence, language) for title, licence in sorted(brief.sources.values())],
        ),
    ]
    nothing = [Line(words["nothing"])]
    return [one if one.lines else Section(one.title, nothing) for one in sections]


def _source(title: str, licence: str, language: str) -> Line:
    if language == "en" or not licence:
        return Line(title, below=licence)
    said = french().get(licence)
    return Line(title, below=licence, below_language="en") if said is None else Line(title, below=said)


def _more(number: int, words: Mapping[str, str]) -> str:
    return words["more"].format(number=number) if number else ""


def _story(one: Story, brief: Brief, language: str) -> Line:
    words, said = WORDS[language], one.head.item.said
    first = words["first"].format(
        publisher=one.first.publisher.title, when=_out(one.first, language), number=one.publishers
    )
    below = " · ".join(part for part in (one.head.publisher.title, first, words.get(one.status, "")) if part)
    quotes = [
        (
            _short(two.text),
            two.told.publisher.title,
            _linked(brief, two.told.item.said.url),
            two.told.language,
        )
        for two in one.quotes
        if two.text != said.title
    ]
    return Line(_short(said.title), _linked(brief, said.url), one.head.language, below, quotes)


def _release(one: Told, brief: Brief, language: str) -> Line:
    said = one.item.said
    below = f"{one.publisher.title}, {_out(one, language)}"
    return Line(_short(said.title), _linked(brief, said.url), one.language, below)


def _linked(brief: Brief, url: str) -> str:
    return linked(url, brief.address, is_simulated=brief.is_simulated)


def _change(one: RegisterChange, brief: Brief, language: str) -> Line:
    words = WORDS[language]
    firm = f"{one.entry.name} ({one.entry.country})" if one.entry.country else one.entry.name
    what = words[word_of(one)].format(day=day_of(ending(one) or one.ts_seen, language))
    text = words["is"].format(name=_short(firm), value=what)
    return Line(text, below=f"{brief.sources[one.register][0]}, {moment_of(one.ts_seen, language)}")


def _gauge(one: Gauge, words: Mapping[str, str]) -> Line:
    before, after = (
        words["unknown"] if value is None else f"{value:.0f}" for value in (one.before, one.after)
    )
    name = words.get(one.series, words["news"])
    told = words["is"]
    below = told.format(name=words["before"], value=before)
    return Line(told.format(name=name, value=after), below=below)


def _html_section(section: Section) -> str:
    lines = "".join(_html_line(one) for one in section.lines)
    more = f'<p class="small">{escape(section.more)}</p>' if section.more else ""
    return f"<section><h2>{escape(section.title)}</h2>{lines}{more}</section>"


def _html_line(one: Line) -> str:
    said = _spoken(one.text, one.language, one.url)
    quotes = "".join(
        f"<blockquote>{_spoken(text, language, '')} "
        f'<span class="small">{_spoken(publisher, "", url)}</span></blockquote>'
        for text, publisher, url, language in one.quotes
    )
    below = f'<p class="small">{_spoken(one.below, one.below_language, "")}</p>' if one.below else ""
    return f"<h3>{said}</h3>{below}{quotes}" if one.url or one.quotes else f"<p>{said}</p>{below}"


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
