"""Sentences of ours with words of others in them: each in its language, so that it is read aloud as it is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape

_QUOTED: Final = r"(?<=\u201c)[^\u201d]+(?=\u201d)|(?<=\u00ab\u00a0)[^\u00bb]+(?=\u00a0\u00bb)"


def mark_quotes(sentence: str, titles: Mapping[str, str], language: str) -> Markup:
    """Return a sentence whose quotes bear their language.

    Parameters
    ----------
    titles : mapping of str to str
        Headlines that it may quote, with their languages.
    language : str
        Of all else that it quotes; empty where that is not known.
    """
    names = sorted((re.escape(title) for title in titles if title), key=len, reverse=True)
    markup, position = Markup(), 0
    for match in re.finditer("|".join([*names, _QUOTED]), sentence):
        markup += escape(sentence[position : match.start()]) + mark_language(
            match[0], titles.get(match[0], language)
        )
        position = match.end()
    return markup + escape(sentence[position:])


def mark_language(text: str, language: str) -> Markup:
    """Return a text with its language."""
    return Markup('<span lang="{}">{}</span>').format(language, text) if language else escape(text)
