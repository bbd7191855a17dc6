"""Prometheus of the Compose file asks the pages as it is set up to: by their name inside, over HTTP, with a token."""

from __future__ import annotations

import asyncio

import httpx
import yaml

from tests.deploy.material import DEPLOY
from tests.houses import KEY, MANY, house
from vigie.domain.person import OWNER
from vigie.services.needs import bound
from vigie.services.people.accounts.keys import hash_secret, token_secret
from vigie.services.people.accounts.users import add_user
from vigie.views.web.app import AppOptions, create_app

WEB = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))["services"]["web"]
[JOB] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))[
    "scrape_configs"
]
# Of the network between them.
PROMETHEUS = ("172.31.250.99", 40_000)


def scraped(home, headers):
    """Ask as the scrape configuration says, of pages that are set up as the Compose file says."""
    hosts = tuple(WEB["environment"]["VIGIE_ALLOWED_HOSTS"].split(","))
    app = create_app(
        home,
        AppOptions(KEY, lambda word: False, hosts=hosts, is_secure=True, has_proxy=True, per_minute=MANY),
    )
    [target] = JOB["static_configs"][0]["targets"]

    async def ask():
        transport = httpx.ASGITransport(app=app, client=PROMETHEUS)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{target}") as client:
            return await client.get(JOB["metrics_path"], headers=headers)

    return asyncio.run(ask())


def test_a_token_of_scope_read_is_let_in_and_nothing_else(tmp_path):
    home, secret = house(tmp_path / "home", with_bars=False), token_secret()
    bound(home, add_user)(OWNER, "Ann", "a long enough sentence")
    [ann] = home.accounts.users()
    home.accounts.add_token(ann.id, "prometheus", hash_secret(secret), frozenset({"read"}), ts_expires=None)
    kind = JOB["authorization"]["type"]
    answer = scraped(home, {"authorization": f"{kind} {secret}"})
    assert answer.status_code == 200
    assert "vigie_trade_equity" in answer.text
    assert scraped(home, {}).status_code == 401
    assert scraped(home, {"authorization": f"{kind} "}).status_code == 401
