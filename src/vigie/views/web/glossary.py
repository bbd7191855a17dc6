"""The glossary in the visitor's language, on Help and in the palette."""

from __future__ import annotations

from vigie.services.glossary import TERMS, GlossaryTerm
from vigie.views.web.request_context import RequestContext


def glossary(context: RequestContext) -> list[GlossaryTerm]:
    """Return every word with its meaning, in the visitor's language."""
    return [GlossaryTerm(term.key, context.text(term.word), context.text(term.meaning)) for term in TERMS]
