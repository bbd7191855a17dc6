"""One form of an article's address: without what only says where a reader came from, and on which device."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

# Names of parameters that follow a reader; any other one may name the article and stays.
_TRACKING: Final = re.compile(
    r"^(utm_.*|mtm_.*|pk_.*|matomo_.*|hsa_.*|at_.*|xtor|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh"
    r"|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|vero_id|oly_enc_id|oly_anon_id|wickedid|s_kwcid|ref|ref_src|ref_url|referrer|source"
    r"|src|cmpid|cmp|campaign|campaign_id|cid|ncid|ns_.*|smid|sr_share|share|shared|partner|taid|ocid|guccounter|guce_.*"
    r"|amp|amp_.*|outputtype|output|_ga|_gl|spm|feature|rss|feed|from|via|trk|trackingid|__twitter_impression|soc_src|soc_trk)$",
    re.IGNORECASE,
)
_HOSTS: Final = re.compile(r"^(?:www\d?|m|mobile|mobi|amp|touch|wap)\.(?=[^.]+\.)")
_END: Final = re.compile(r"(?:/amp|\.amp|/amp\.html|/index\.(?:html?|php)|\.amp\.html)?/*$", re.IGNORECASE)
_CACHES: Final = (
    re.compile(r"^(?:www\.)?google\.[a-z.]+/amp/(?:s/)?(?P<inner>.+)$"),
    re.compile(r"^[a-z0-9-]+\.cdn\.ampproject\.org/[acv]/(?:s/)?(?P<inner>.+)$"),
    re.compile(r"^[a-z0-9-]+\.bing-amp\.com/c/(?:s/)?(?P<inner>.+)$"),
)
_LONGEST: Final = 2_000


def canonical_address(url: str) -> str:
    """Return host, path and naming parameters of an address; empty for one that names no article.

    Two addresses of one article have one form; a front page, which every item of a poor feed names, has none.
    """
    if not url or len(url) > _LONGEST:
        return ""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    host_and_path = host + parts.path
    for cache in _CACHES:
        if (cached := cache.match(host_and_path)) is not None:
            return canonical_address(
                f"https://{cached['inner']}" + (f"?{parts.query}" if parts.query else "")
            )
    path = re.sub(r"/{2,}", "/", _END.sub("", unquote(parts.path)))
    path = re.sub(r"^/amp(?=/)", "", path)
    parameters = sorted(pair for pair in parse_qsl(parts.query) if not _TRACKING.match(pair[0]))
    if not path.strip("/") and not parameters:
        return ""
    place = "" if port in (None, 80, 443) else f":{port}"
    return f"{_HOSTS.sub('', host)}{place}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
