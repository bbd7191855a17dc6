"""The language of a page for its scripts: their texts, and how it writes numbers; English is in the scripts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.catalogue import languages, locale_of, read_catalogue
from vigie.intelligence.market.words import numbers_of
from vigie.views.web.assets import FOREVER
from vigie.views.web.language import amount_endings, byte_units


def describe_language(language: str) -> dict[str, object]:
    """Return what scripts know of a language, as `frontend/src/texts.ts` names it."""
    numbers, named = numbers_of(language), {} if language == "en" else read_catalogue(language).named
    return {
        "locale": str(locale_of(language)).replace("_", "-"),
        "point": numbers.point,
        "isSpaced": bool(numbers.before_unit),
        "isSignFirst": numbers.is_sign_first,
        "endings": amount_endings(language),
        "bytes": byte_units(language),
        "texts": _select_texts(named, "script."),
        "chart": _select_texts(named, "chart."),
    }


@cache
def _source(language: str) -> bytes:
    """Return the script that tells the others their language."""
    text = json.dumps(describe_language(language), ensure_ascii=False, separators=(",", ":"))
    return f"globalThis.vigieLanguage={text};\n".encode()


def _select_texts(named: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in named.items() if key.startswith(prefix)}


@cache
def script_address(language: str) -> str:
    """Return the address of a language's script, empty for English; another content has another address."""
    if language == "en":
        return ""
    return f"/texts/{language}-{hashlib.sha256(_source(language)).hexdigest()[:10]}.js"


async def serve(request: Request) -> Response:
    """Serve the script of a language."""
    known = {script_address(language): language for language in languages() if language != "en"}
    language = known.get(request.url.path)
    if language is None:
        raise HTTPException(404)
    return Response(
        _source(language), media_type="text/javascript; charset=utf-8", headers={"Cache-Control": FOREVER}
    )


def routes() -> list[Route]:
    """Return the route of the scripts."""
    return [Route("/texts/{name}", serve)]
