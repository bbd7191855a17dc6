"""Where the pages listen: options over settings, and what is refused."""

from __future__ import annotations

import pytest

from vigie.config.settings import Settings
from vigie.domain.errors import ConfigError
from vigie.views.cli.web_address import WebAddress, refuse_unsafe, resolve_web_address, unencrypted_warning


def settings(**given: object) -> Settings:
    return Settings.model_construct(**{**{k: f.default for k, f in Settings.model_fields.items()}, **given})


def test_what_is_set_is_done_and_an_option_wins():
    told = settings(
        host="::1",
        port=9_000,
        public_url="https://vigie.example.org",
        allowed_hosts=("vigie.lan",),
        proxy="10.0.0.1",
    )
    assert resolve_web_address(told) == WebAddress(
        "::1",
        9_000,
        ("vigie.lan", "[::1]", "vigie.example.org"),
        "https://vigie.example.org",
        True,
        "10.0.0.1",
    )
    chosen = resolve_web_address(told, host="127.0.0.1", port=0, allowed_names=["a.lan"], proxy="127.0.0.1")
    assert (chosen.host, chosen.port, chosen.proxy) == ("127.0.0.1", 0, "127.0.0.1")
    assert set(chosen.allowed_names) == {"vigie.lan", "a.lan", "127.0.0.1", "vigie.example.org"}


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://[::1]:1"),
        ("192.0.2.1", "http://192.0.2.1:1"),
        ("2001:db8::1", "http://[2001:db8::1]:1"),
        ("localhost", "http://localhost:1"),
    ],
)
def test_this_machine_reaches_it_where_it_listens(host, local):
    assert resolve_web_address(settings(host=host)).local_url(1) == local


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_nothing(host):
    place = resolve_web_address(settings(host=host))
    refuse_unsafe(place, has_users=False)
    assert unencrypted_warning(place) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "vigie.lan"])
def test_others_need_a_user_and_https(host):
    with pytest.raises(ConfigError, match="vigie user add"):
        refuse_unsafe(resolve_web_address(settings(host=host), is_https=True), has_users=False)
    with pytest.raises(ConfigError, match=f"others can reach {host}.*--plain-http"):
        refuse_unsafe(resolve_web_address(settings(host=host)), has_users=True)
    refuse_unsafe(
        resolve_web_address(settings(host=host, public_url="https://vigie.example.org")), has_users=True
    )


@pytest.mark.parametrize(
    "given", [{"host": "0.0.0.0", "plain_http": True}, {"public_url": "http://vigie.lan", "plain_http": True}]
)
def test_what_goes_in_clear_is_said_at_every_start(given):
    place = resolve_web_address(settings(**given))
    refuse_unsafe(place, has_users=True)
    assert "passwords and sessions cross the network unencrypted:" in unencrypted_warning(place)


def test_a_public_address_without_https_is_refused_behind_a_proxy_too():
    with pytest.raises(ConfigError, match=r"others can reach http://vigie.lan"):
        refuse_unsafe(resolve_web_address(settings(public_url="http://vigie.lan")), has_users=True)
