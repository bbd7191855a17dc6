"""Whose certificates are believed; reading those of all authorities takes longer than most answers: once a process."""

from __future__ import annotations

import os
import ssl
from functools import cache


@cache
def web_ssl_context() -> ssl.SSLContext:
    """Return what believes the authorities that httpx and ccxt do, whatever the environment says."""
    import certifi  # third party, only needed to reach the outside

    return ssl.create_default_context(cafile=certifi.where())


@cache
def machine_ssl_context() -> ssl.SSLContext:
    """Return what believes whom this machine believes: servers of mail are often of a house, with its own authority."""
    return ssl.create_default_context()


def source_ssl_context() -> ssl.SSLContext:
    """Return what believes whom `web_ssl_context` does, or whom SSL_CERT_FILE and SSL_CERT_DIR name."""
    return _source_ssl_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _source_ssl_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Return what httpx makes of an environment; the names only tell one environment from another."""
    if not file and not folder:
        return web_ssl_context()
    import httpx

    return httpx.create_ssl_context()
