"""What a mail says, and the same as text and as HTML; what others wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from vigie.catalogue import MARKS
from vigie.services.news.quoting import quote_text

_LINE: Final = '<p style="margin:4px 0">{}</p>'
_QUOTE: Final = (
    '<blockquote style="margin:12px 0;padding:0 0 0 12px;border-left:3px solid #888"{}>{}</blockquote>'
)
_TITLE: Final = '<h1 style="font-size:20px;line-height:1.3;margin:24px 0 8px">{}</h1>'
# Long words, above all addresses, break rather than make a narrow screen scroll sideways.
_BODY: Final = (
    "margin:0;padding:0 16px 16px;font-family:system-ui,sans-serif;font-size:16px;"
    "line-height:1.5;overflow-wrap:anywhere"
)


@dataclass(frozen=True, slots=True)
class MailLine:
    """One line: a label and what it says, or a link, of which the label is the text."""

    label: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class MailQuote:
    """A publisher's own words.

    Attributes
    ----------
    language : str
        Of the words; empty where it is not known.
    label : str
        What stands before them; may be empty.
    """

    text: str
    language: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class MailSection:
    """What a mail says of one alert: title, byline and address are its first three lines."""

    title: str = ""
    byline: MailLine | None = None
    url: str = ""
    lines: Sequence[MailLine | MailQuote] = ()


@dataclass(frozen=True, slots=True)
class MailContent:
    """What a mail says, before it is text or HTML.

    Attributes
    ----------
    links : sequence of MailLine
        Below all sections.
    """

    subject: str
    sections: Sequence[MailSection]
    links: Sequence[MailLine]
    foot: Sequence[str]


def as_text(content: MailContent, language: str) -> str:
    """Return a letter as plain text."""
    lines: list[str] = []
    for section in content.sections:
        lines += [section.title] if section.title else []
        lines += [_line_text(section.byline, language)] if section.byline else []
        lines += [section.url, ""] if section.url else []
        for line in section.lines:
            lines += (
                _quote_text(line, language) if isinstance(line, MailQuote) else [_line_text(line, language)]
            )
        lines.append("")
    lines += [_line_text(link, language) for link in content.links]
    return "\n".join([*lines, "", *content.foot, ""])


def as_html(content: MailContent, language: str) -> str:
    """Return a letter as an HTML file that needs nothing else and fits a narrow screen."""
    body = "".join(part for section in content.sections for part in _section_html(section, language))
    links = "".join(_LINE.format(_line_html(link, language)) for link in content.links)
    foot = "".join(_LINE.format(escape(line)) for line in content.foot)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(content.subject)}</title></head>"
        f'<body style="{_BODY}"><div style="max-width:640px;margin:0 auto">'
        f'{body}<div style="margin:24px 0 8px">{links}</div>'
        f'<div style="font-size:13px">{foot}</div></div></body></html>'
    )


def _section_html(section: MailSection, language: str) -> Iterator[str]:
    if section.title:
        yield _TITLE.format(escape(section.title))
    if section.byline:
        yield _LINE.format(_line_html(section.byline, language))
    if section.url:
        yield _LINE.format(f'<a href="{escape(section.url)}">{escape(section.url)}</a>')
    for line in section.lines:
        yield (
            _quote_html(line, language)
            if isinstance(line, MailQuote)
            else _LINE.format(_line_html(line, language))
        )


def _quote_text(quote: MailQuote, language: str) -> list[str]:
    label = [f"{quote.label}{_colon(language)}".rstrip()] if quote.label else []
    return [*label, quote_text(quote.text, language), ""]


def _quote_html(quote: MailQuote, language: str) -> str:
    label = _LINE.format(f"<b>{escape(quote.label)}{_colon(language).rstrip()}</b>") if quote.label else ""
    spoken = f' lang="{escape(quote.language)}"' if quote.language else ""
    return label + _QUOTE.format(spoken, escape(quote_text(quote.text, language)))


def _line_text(line: MailLine, language: str) -> str:
    value = line.url or line.text
    return f"{line.label}{_colon(language)}{value}" if line.label else value


def _line_html(line: MailLine, language: str) -> str:
    if line.url:
        return f'<a href="{escape(line.url)}">{escape(line.label)}</a>'
    return (
        f"<b>{escape(line.label)}{_colon(language)}</b>{escape(line.text)}"
        if line.label
        else escape(line.text)
    )


def _colon(language: str) -> str:
    return MARKS[language]["colon"]
