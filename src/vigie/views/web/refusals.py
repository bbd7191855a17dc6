"""What was refused, in the visitor's language: by code and arguments, from the catalogue.

Operations speak English: programs read them.
"""

from __future__ import annotations

from vigie.services.reader_texts import say_refusal
from vigie.views.web.language import UserLanguage


def translate_refusal(lang: UserLanguage, refusal: str) -> str:
    """Return a refusal in the language of a visitor."""
    return say_refusal(refusal, lang.language)
