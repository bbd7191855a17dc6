"""The weekly brief as a page of its own, without script and loading nothing."""

from __future__ import annotations

from html import escape
from typing import Final

from vigie.ports.printing import LineChart
from vigie.services.news.brief.brief import Brief
from vigie.services.news.brief.chart import render_figure
from vigie.services.news.brief.page import (
    BriefSectionLine,
    Section,
    build_sections,
    foot_lines,
    head_lines,
    title_of,
)
from vigie.services.news.brief.words import TEXTS
from vigie.services.news.quoting import normalise_quotes, quotation_marks

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin-bottom:.2rem}"
    "blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #bbb}p{margin:.3rem 0}"
    ".small{font-size:.85rem;color:#555}a{color:#0b57a4}figure{margin:1rem 0}figcaption{font-weight:600}"
    ".key,.mark{white-space:nowrap}.key{margin-right:1rem}.mark{font-size:.85rem;font-weight:400;color:#555}"
)


def render_html(brief: Brief, language: str, end: str = "", *, is_mail: bool = False) -> str:
    """Return a brief as one HTML file.

    Parameters
    ----------
    end : str
        Where such mails end; empty where it is none, or nothing ends.
    is_mail : bool
        Whether mail programs show it: they draw no chart of a message, so that it is told, and stands in the PDF.
    """
    title = escape(title_of(brief, language))
    body = "".join(
        _render_section(section, language, is_mail=is_mail) for section in build_sections(brief, language)
    )
    heads = "".join(f'<p class="small">{escape(line)}</p>' for line in head_lines(brief, language))
    foot = "".join(f'<p class="small">{escape(line)}</p>' for line in foot_lines(brief, language))
    if end:
        foot += f'<p class="small"><a href="{escape(end)}">{escape(TEXTS[language]["end"])}</a></p>'
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{heads}{body}"
        f"<footer>{foot}</footer></body></html>\n"
    )


def _render_section(section: Section, language: str, *, is_mail: bool) -> str:
    lines = "".join(_render_line(line, language) for line in section.lines)
    more = f'<p class="small">{escape(section.more)}</p>' if section.more else ""
    picture = ""
    if section.drawing:
        picture = _picture_in_words(section.drawing, language) if is_mail else render_figure(section.drawing)
    return f"<section><h2>{escape(section.title)}</h2>{lines}{more}{picture}</section>"


def _picture_in_words(drawing: LineChart, language: str) -> str:
    return (
        f"<h3>{escape(drawing.title)}</h3><p>{escape(drawing.alt)}</p>"
        f'<p class="small">{escape(drawing.note)}</p><p>{escape(TEXTS[language]["chart_mailed"])}</p>'
    )


def _render_line(line: BriefSectionLine, language: str) -> str:
    text = _render_quoted(line.text, line.language, line.url, line.mark, language)
    quotes = "".join(
        f"<blockquote>{_render_quoted(quote.text, quote.language, '', quote.mark, language, is_quote=True)} "
        f'<span class="small">{_render_text_in_language(quote.publisher, "", quote.url)}</span></blockquote>'
        for quote in line.quotes
    )
    below = (
        f'<p class="small">{_render_text_in_language(line.below, line.below_language, "")}</p>'
        if line.below
        else ""
    )
    return f"<h3>{text}</h3>{below}{quotes}" if line.url or line.quotes else f"<p>{text}</p>{below}"


def _render_quoted(
    text: str, language: str, url: str, mark: str, reader_language: str, *, is_quote: bool = False
) -> str:
    if not (is_quote or mark):
        return _render_text_in_language(text, language, url)
    opening, closing = quotation_marks(reader_language)
    html_text = f"{opening}{_render_text_in_language(normalise_quotes(text, reader_language), language, url)}{closing}"
    return html_text + (f' <span class="mark">{escape(mark)}</span>' if mark else "")


def _render_text_in_language(text: str, language: str, url: str) -> str:
    lang_attribute = f' lang="{escape(language)}"' if language else ""
    if url:
        return (
            f'<a href="{escape(url)}" rel="noopener noreferrer nofollow"{lang_attribute}>{escape(text)}</a>'
        )
    return f"<span{lang_attribute}>{escape(text)}</span>"
