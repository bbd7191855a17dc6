"""All settings: which place wins, where each came from, and what stops the start."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.architecture.source_tree import ROOT
from vigie.adapters.sources.manifest import manifests
from vigie.adapters.sources.news.listing import SHIPPED, feeds
from vigie.adapters.sources.own import key_name
from vigie.adapters.sources.site import Site
from vigie.config import SIMULATED_FILE, resolve_paths, venue_url, web_host, web_port
from vigie.config.layers import ENVIRONMENT
from vigie.config.loading import load
from vigie.config.names import declared, setting_key
from vigie.config.settings import Settings, list_renamed
from vigie.domain.errors import ConfigError
from vigie.run_file import read_run_file
from vigie.views.cli.main import app
from vigie.wiring.app_context import open_app_context
from vigie.wiring.collector import open_collector, service_addresses
from vigie.wiring.data import open_data
from vigie.wiring.web import open_web_context

posix = pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: files have no modes there")
ADDRESS = "postgresql://ann:" + "hunter2" + "@example.org/desk"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def refusal(**given) -> str:
    with pytest.raises(ConfigError) as refused:
        load(environ=given.pop("environ", {}), **given)
    return str(refused.value)


def test_without_anything_written_every_setting_has_its_default(home):
    loaded = load(home, environ={})
    told = {key: (value, origin) for key, value, origin in loaded.list_settings()}
    assert told.pop("home") == (str(home), "--home in the command's options")
    assert {origin for _, origin in told.values()} == {"default"}
    assert told["port"][0] == "8080"
    assert told["host"][0] == "127.0.0.1"
    assert loaded.settings.database == f"sqlite:///{home / 'vigie.sqlite'}"


def test_a_later_place_wins_and_each_says_where_it_came_from(home, folder):
    places = [
        ("port = 1001", home / "vigie.toml", f"port in {home / 'vigie.toml'}"),
        ("port = 1002", folder / "vigie.toml", f"port in {folder / 'vigie.toml'}"),
        ("VIGIE_PORT=1003", home / ".env", f"VIGIE_PORT in {home / '.env'}"),
        ("VIGIE_PORT=1004", folder / ".env", f"VIGIE_PORT in {folder / '.env'}"),
    ]
    for number, (text, path, origin) in enumerate(places, 1001):
        write(path, text + "\n")
        loaded = load(home, environ={})
        assert (loaded.settings.port, loaded.origin(("port",))) == (number, origin)
    loaded = load(home, environ={"VIGIE_PORT": "1005"})
    assert (loaded.settings.port, loaded.origin(("port",))) == (1005, f"VIGIE_PORT in {ENVIRONMENT}")
    loaded = load(home, environ={"VIGIE_PORT": "1005"}, options={"port": 1006, "host": None})
    assert (loaded.settings.port, loaded.origin(("port",))) == (1006, "--port in the command's options")
    assert loaded.origin(("host",)) == "default"


def test_groups_are_laid_over_one_another_key_by_key(home, folder):
    write(
        home / "vigie.toml",
        '[urls]\nbitget = "http://a"\nbinance = "http://b/"\n[retention]\njobs_days = 7\n',
    )
    write(folder / ".env", "VIGIE_BITGET_URL=http://127.0.0.1:9/bitget\nVIGIE_RETENTION_DOCUMENTS_DAYS=3\n")
    settings = load(home, environ={}).settings
    assert settings.urls == {"bitget": "http://127.0.0.1:9/bitget", "binance": "http://b"}
    assert (settings.retention.jobs_days, settings.retention.documents_days) == (7, 3)


def test_rules_of_instruments_are_laid_and_told_one_by_one(home, folder):
    first = write(
        home / "vigie.toml", '[instruments."BTC/USDT:USDT"]\ntick = 0.5\nlot = "0.01"\ntaker = 0.0004\n'
    )
    later = write(folder / "vigie.toml", '[instruments."BTC/USDT:USDT"]\ntick = 1e-7\n')
    name = "instruments.BTC/USDT:USDT"
    told = [row for row in load(home, environ={}).list_settings() if row[0].startswith("instruments")]
    assert told == [
        (f"{name}.tick", "0.0000001", f"{name}.tick in {later}"),
        (f"{name}.lot", "0.01", f"{name}.lot in {first}"),
        (f"{name}.taker", "0.0004", f"{name}.taker in {first}"),
    ]


def test_every_kind_of_value_is_read(home):
    settings = load(
        home,
        environ={
            "VIGIE_HOST": "::1", "VIGIE_PLAIN_HTTP": "true", "VIGIE_ALLOWED_HOSTS": "a.example.org, b.lan,",
            "VIGIE_PUBLIC_URL": "https://vigie.example.org/", "VIGIE_CONTACT": "ann@example.org",
            "DATABASE_URL": ADDRESS, "VIGIE_BITGET_PASSPHRASE": "word", "VIGIE_FEARGREED_URL": "http://127.0.0.1:1/x",
        },
    ).settings  # fmt: skip
    assert (settings.host, settings.plain_http, settings.allowed_hosts) == (
        "::1",
        True,
        ("a.example.org", "b.lan"),
    )
    assert (settings.public_url, settings.contact) == ("https://vigie.example.org", "ann@example.org")
    assert settings.database == ADDRESS
    assert settings.keys["bitget"].passphrase.get_secret_value() == "word"
    assert settings.urls == {"feargreed": "http://127.0.0.1:1/x"}


def test_an_empty_variable_says_nothing(home, folder):
    write(folder / "vigie.toml", "port = 1002")
    assert load(home, environ={"VIGIE_PORT": "", "DATABASE_URL": ""}).settings.port == 1002


@pytest.mark.parametrize(
    ("name", "guess"),
    [("VIGIE_PROT", "VIGIE_PORT"), ("VIGIE_BITGTE_URL", "VIGIE_BITGET_URL"), ("VIGIE_NONSENSE", None)],
)
def test_an_unknown_variable_stops_the_start_wherever_it_is(home, folder, name, guess):
    meant = f"; did you mean {guess}?" if guess else ""
    assert refusal(environ={name: "1"}) == f"{name} in {ENVIRONMENT} is no setting{meant}"
    path = write(folder / ".env", f"{name}=1\n")
    assert refusal() == f"{name} in {path} is no setting{meant}"


@pytest.mark.parametrize(
    ("text", "name", "guess"),
    [
        ("prot = 1", "prot", "port"),
        ("[retention]\njob_days = 1", "retention.job_days", "jobs_days"),
        ('[urls]\nbitgett = "http://a"', "urls.bitgett", None),
        ("[nonsense]\na = 1", "nonsense.a", None),
    ],
)
def test_an_unknown_key_of_a_file_stops_the_start(home, folder, text, name, guess):
    path = write(folder / "vigie.toml", text)
    said = refusal()
    assert said.startswith(name.split(".")[0])
    assert f"in {path} is no setting" in said
    assert guess is None or f"did you mean {guess}?" in said


@pytest.mark.parametrize(
    "name", ["PATH", "NUMBA_CACHE_DIR", "VIGIE_SHARED", "VIGIE_CACHE_DIR", "VIGIE_TEST_PG_URL"]
)
def test_variables_of_others_are_none_of_our_business(home, name):
    assert load(home, environ={name: "x"}).settings.port == 8080


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"VIGIE_PORT": "eighty"}, "VIGIE_PORT in the environment must be a whole number, was 'eighty'"),
        ({"VIGIE_PORT": "0"}, "VIGIE_PORT in the environment must be at least 1, was '0'"),
        (
            {"VIGIE_PLAIN_HTTP": "maybe"},
            "VIGIE_PLAIN_HTTP in the environment must be true or false, was 'maybe'",
        ),
        ({"VIGIE_PUBLIC_URL": "vigie"}, "VIGIE_PUBLIC_URL in the environment must be an address such as"),
        ({"VIGIE_BITGET_URL": "ftp://x"}, "VIGIE_BITGET_URL in the environment must be an address such as"),
        (
            {"VIGIE_RETENTION_JOBS_DAYS": "-1"},
            "VIGIE_RETENTION_JOBS_DAYS in the environment must be at least 1, was",
        ),
        (
            {"VIGIE_SMTP_FROM": "desk"},
            "VIGIE_SMTP_FROM in the environment must be an address such as vigie@example.org, or empty, was 'desk'",
        ),
        ({"VIGIE_LANGUAGE_MODEL": "a b"}, "VIGIE_LANGUAGE_MODEL in the environment must be a name without"),
    ],
)
def test_a_wrong_value_names_key_place_what_is_accepted_and_what_it_was(home, environ, said):
    assert refusal(environ=environ).startswith(said)


def test_wrong_types_in_a_file_are_refused_with_its_path(home, folder):
    path = write(
        folder / "vigie.toml", 'port = [1]\nhost = 5\ndatabase_url = 3\nallowed_hosts = {a = 1}\nurls = "x"\n'
    )
    said = refusal()
    for name in ("port", "host", "database_url", "allowed_hosts", "urls"):
        assert re.search(rf"^{name}\S* in {re.escape(str(path))} ", said, re.M), said


def test_every_fault_is_told_at_once(home, folder):
    write(folder / "vigie.toml", "port = 0\nprot = 1\n")
    assert len(refusal(environ={"VIGIE_PLAIN_HTTP": "maybe", "VIGIE_X": "1"}).splitlines()) == 4


def test_a_broken_file_is_refused_with_its_path(home, folder):
    path = write(folder / "vigie.toml", "port = \n")
    assert str(path) in refusal()
    path.write_bytes(b"host = '\xff\xfe'")
    assert refusal() == f"the settings cannot be read from {path}: it is not UTF-8 text"
    path.unlink()
    path.mkdir()
    assert str(path) in refusal()


@posix
@pytest.mark.parametrize("name", ["vigie.toml", ".env"])
@pytest.mark.parametrize("target", ["nothing", "itself"])
@pytest.mark.parametrize("place", ["home", "folder"])
def test_a_link_that_leads_nowhere_is_no_missing_file(home, folder, name, target, place):
    path = (home if place == "home" else folder) / name
    home.mkdir(exist_ok=True)
    path.symlink_to(path if target == "itself" else folder / "away")
    assert refusal(home=home).startswith(f"the settings cannot be read from {path}: ")
    with pytest.raises(ConfigError, match="the settings cannot be read from"):
        web_port({"VIGIE_HOME": str(home)})


@posix
@pytest.mark.parametrize("kind", ["pipe", "zeros"])
def test_settings_that_would_never_end_are_refused_at_once(home, folder, kind):
    path = folder / "vigie.toml"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert refusal(home=home) == f"the settings cannot be read from {path}: it is no file"


@pytest.mark.parametrize(
    "text", ["deep = " + "[" * 20_000, ".".join(["deep"] * 2_000) + " = 1"], ids=["lists", "tables"]
)
def test_settings_that_are_nested_too_deep_are_refused(home, folder, text):
    path = write(folder / "vigie.toml", text)
    assert refusal(home=home).startswith(f"{path} ")
    with pytest.raises(ConfigError, match=r"^run file "):
        read_run_file(path)


@posix
@pytest.mark.parametrize("way", ["option", "variable", "file"])
@pytest.mark.parametrize("odd", ["long", "loop"])
def test_a_home_that_can_be_no_folder_is_refused_in_words(folder, way, odd):
    named = folder / ("x" * 300 if odd == "long" else "loop")
    if odd == "loop":
        named.symlink_to(named)
    if way == "file":
        write(folder / ".env", f"VIGIE_HOME={named}")
    environ = {"VIGIE_HOME": str(named)} if way == "variable" else {}
    with pytest.raises(ConfigError, match=r"^home must be a folder, was "):
        resolve_paths(named if way == "option" else None, environ)


def test_a_secret_of_its_own_file_is_read(home, folder):
    path = write(folder / "url", f"{ADDRESS}\n")
    loaded = load(home, environ={"DATABASE_URL_FILE": str(path)})
    assert loaded.settings.database == ADDRESS
    assert loaded.origin(("database_url",)) == f"DATABASE_URL_FILE in {ENVIRONMENT} ({path})"


def test_an_empty_file_of_a_secret_says_nothing(home, folder):
    write(folder / ".env", "VIGIE_SMTP_URL=smtp://mail.example.org\n", 0o600)
    path = write(folder / "smtp", "\n", 0o600)
    assert load(home, environ={"VIGIE_SMTP_URL_FILE": str(path)}).settings.smtp_url.get_secret_value() == (
        "smtp://mail.example.org"
    )


@pytest.mark.parametrize("mount", ["/run/secrets", "/run/credentials/vigie-web.service"])
def test_a_secret_that_a_container_or_systemd_mounted_may_be_open_there(home, folder, mount, monkeypatch):
    path = write(folder / "a secret", "smtp://user:secret@host", 0o440)
    assert "is a secret, but other users can read" in refusal(environ={"VIGIE_SMTP_URL_FILE": str(path)})
    resolve = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda one: Path(mount, "smtp") if one == path else resolve(one))
    assert load(home, environ={"VIGIE_SMTP_URL_FILE": str(path)}).settings.smtp_url.get_secret_value()


def test_a_secret_that_cannot_be_read_names_key_and_file(home, folder):
    missing = folder / "nowhere"
    assert refusal(environ={"VIGIE_BITGET_SECRET_FILE": str(missing)}) == (
        f"VIGIE_BITGET_SECRET_FILE cannot be read from {missing}: No such file or directory"
    )


def test_only_secrets_may_lie_in_files_of_their_own(home, folder):
    assert "VIGIE_PORT_FILE in the environment is no setting" in refusal(environ={"VIGIE_PORT_FILE": "x"})


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", f"DATABASE_URL={ADDRESS}"),
        (".env", "VIGIE_BITGET_KEY=abc"),
        (".env", "VIGIE_BITGET_KEY=hunter2:abc"),
        (".env", "VIGIE_MAIL_LETTERS_KEY=https://hunter2"),
        (".env", "VIGIE_SMTP_URL=hunter2:abc"),
        (".env", "DATABASE_URL=postgresql://ann:hun[ter2" + "@example.org/desk"),
        (".env", "VIGIE_COINGECKO_URL=https://ann:" + "hunter2" + "@example.org"),
        ("vigie.toml", f'database_url = "{ADDRESS}"'),
        ("vigie.toml", '[keys.bitget]\nsecret = "abc"'),
    ],
)
def test_a_secret_file_that_others_can_read_is_refused_with_the_cure(home, folder, name, text, mode):
    path = write(folder / name, text, mode)
    said = refusal()
    assert "is a secret, but other users can read" in said
    assert said.endswith(f"run: chmod 600 {path}")
    assert "hunter2" not in said
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    load(home, environ={})


@posix
def test_a_file_of_one_secret_that_others_can_read_is_refused(home, folder):
    path = write(folder / "a secret", "abc", 0o644)
    assert refusal(environ={"VIGIE_SMTP_URL_FILE": str(path)}).endswith(f"run: chmod 600 '{path}'")


@posix
@pytest.mark.parametrize("text", ["VIGIE_PORT=9000", "DATABASE_URL=sqlite:////srv/desk.sqlite"])
def test_a_file_without_secrets_may_be_read_by_all(home, folder, text):
    write(folder / ".env", text, 0o644)
    load(home, environ={})


def test_what_others_write_into_the_same_file_is_left_alone(home, folder):
    write(folder / ".env", "# ours and others'\nexport POSTGRES_PASSWORD=pa$$word\nVIGIE_HOST='::1'\n", 0o644)
    assert load(home, environ={}).settings.host == "::1"


def test_a_dollar_sign_in_a_secret_is_a_dollar_sign(home, folder):
    write(folder / ".env", "VIGIE_BITGET_SECRET=a$b${HOME}c\n")
    assert load(home, environ={}).settings.keys["bitget"].secret.get_secret_value() == "a$b${HOME}c"


def test_secrets_are_masked_wherever_settings_are_told(home):
    environ = {
        "DATABASE_URL": ADDRESS, "MONGODB_URL": "mongodb://h:" + "hunter2" + "@h/?authSource=hunter2",
        "VIGIE_SMTP_URL": "hunter2", "VIGIE_BITGET_KEY": "hunter2", "VIGIE_BITGET_SECRET": "hunter2",
        "VIGIE_COINGECKO_URL": "https://x:" + "hunter2" + "@example.org/?key=hunter2",
    }  # fmt: skip
    loaded = load(home, environ=environ)
    told = {key: value for key, value, _ in loaded.list_settings()}
    assert "hunter2" not in json.dumps(told) + repr(loaded.settings)
    assert told["database_url"] == "postgresql://ann:********@example.org/desk"
    assert told["mongodb_url"] == "mongodb://h:********" + "@h/?authSource=********"
    assert told["keys.bitget.secret"] == "********"
    assert told["keys.bitget.passphrase"] == ""


def test_a_wrong_address_is_said_without_its_password(home):
    said = refusal(environ={"VIGIE_COINGECKO_URL": "ftp://x:" + "hunter2" + "@example.org/?key=hunter2"})
    assert "VIGIE_COINGECKO_URL" in said
    assert "example.org" in said
    assert "hunter2" not in said


def test_a_wrong_secret_is_not_said(home, folder):
    path = write(folder / "vigie.toml", "smtp_url = ['hunter2']\n[keys.bitget]\nkey = {hunter2 = 1}\n")
    said = refusal()
    assert "hunter2" not in said.replace("keys.bitget.key.hunter2", "")
    assert str(path) in said


@pytest.mark.parametrize(("name", "text"), [("vigie.toml", 'home = "there"'), (".env", "VIGIE_HOME=there")])
def test_the_home_folder_can_be_named_in_the_working_folder(folder, name, text, monkeypatch):
    monkeypatch.delenv("VIGIE_HOME")
    write(folder / name, text)
    assert resolve_paths(environ={}).home == load(environ={}).settings.home == (folder / "there").resolve()
    assert resolve_paths(environ={"VIGIE_HOME": str(folder / "env")}).home == folder / "env"


def test_every_command_reads_what_files_say(home, folder):
    write(
        home / "vigie.toml",
        f'port = 1001\ndatabase_url = "{ADDRESS}"\n[urls]\nbitget = "http://127.0.0.1:9"\n',
    )
    assert web_port() == 1001
    assert web_host() == "127.0.0.1"
    assert venue_url("bitget") == "http://127.0.0.1:9"
    assert venue_url("binance") is None
    write(home / "vigie.toml", "port = 70000")
    with pytest.raises(
        ConfigError, match=re.escape(f"port in {home / 'vigie.toml'} must be 1..65535, was 70000")
    ):
        web_port()


def test_a_simulated_home_keeps_its_data_to_itself(home):
    home.mkdir(exist_ok=True)
    (home / SIMULATED_FILE).write_text("{}", "utf-8")
    settings = load(home, environ={"DATABASE_URL": ADDRESS, "MONGODB_URL": "mongodb://h/real"}).settings
    assert settings.database == f"sqlite:///{home / 'vigie.sqlite'}"
    assert settings.documents == ""
    (home / SIMULATED_FILE).unlink()
    settings = load(home, environ={"DATABASE_URL": ADDRESS, "MONGODB_URL": "mongodb://h/real"}).settings
    assert (settings.database, settings.documents) == (ADDRESS, "mongodb://h/real")


def test_a_simulated_home_and_the_real_market_never_meet(home, monkeypatch):
    monkeypatch.setenv("VIGIE_WORLD_URL", "http://127.0.0.1:9")
    for opening in (open_web_context, open_collector, lambda: open_data().feed("bitget-perp")):
        with pytest.raises(ConfigError, match="is not its home folder; unset it for the real"):
            opening()
    home.mkdir(exist_ok=True)
    (home / SIMULATED_FILE).write_text("{}", "utf-8")
    monkeypatch.delenv("VIGIE_WORLD_URL")
    for opening in (open_web_context, open_collector, lambda: open_data().feed("bitget-perp")):
        with pytest.raises(ConfigError, match="contains a simulated market; run `vigie demo`, or"):
            opening()


def test_a_source_reads_the_calendar_that_it_names_once_that_was_read(home):
    collector = open_collector(home)
    watches = {connector.id: connector for connector in collector.connectors}
    house = open_app_context(home)
    for source, calendar, area in (
        ("bls/prices", "cpi_calendar", "US"), ("ecb_data/prices", "hicp_calendar", "EA")
    ):  # fmt: skip
        stated = watches[source].source.site.stated
        assert stated() is None
        table = {"rows": [], "what": "", "what_fr": "", "area": area, "kind": "figures", "address": ""}
        house.facts.put_document(calendar, "dates", 1, table)
        assert stated() == (1, table)
    assert watches["ecb/rates"].source.site.stated is None


def test_without_a_world_and_settings_every_service_is_asked_at_its_own_address():
    assert service_addresses({}, None) == {}
    nothing: Any = None
    for manifest in manifests():
        site = Site(manifest, nothing, nothing)
        own = manifest.hosts or {"": manifest.live_url}
        assert [site.address("/x", host) for host in own] == [url.rstrip("/") + "/x" for url in own.values()]
        assert all(url.startswith(("https://", "wss://")) for url in own.values())


def test_a_simulated_home_asks_its_world_only(monkeypatch):
    monkeypatch.setenv("VIGIE_BITGET_URL", "https://a.mirror.example")
    asked = service_addresses({"ecb": "https://b.mirror.example"}, "http://127.0.0.1:9")
    assert {url.rpartition("/")[0] for url in asked.values()} == {"http://127.0.0.1:9"}
    real = service_addresses({"ecb": "https://b.mirror.example"}, None)
    assert real == {"bitget": "https://a.mirror.example", "ecb": "https://b.mirror.example"}


def test_a_house_tells_its_settings_and_stops_where_one_is_wrong(home, monkeypatch):
    house = open_app_context()
    assert {key: value for key, value, _ in house.settings()}["home"] == str(home)
    monkeypatch.setenv("VIGIE_PROT", "1")
    with pytest.raises(ConfigError, match="VIGIE_PROT"):
        open_app_context()


def test_no_setting_is_needed_to_look_at_data(home, monkeypatch):
    monkeypatch.setenv("VIGIE_PROT", "1")
    assert open_data().bars.holdings() == []


def test_every_setting_has_a_variable_or_is_a_group():
    single = {
        name
        for name, field in Settings.model_fields.items()
        if name not in ("urls", "keys", "retention", "instruments", "renamed")
    }
    assert {key[0] for key in declared().by_variable.values()} == single | {"retention"}
    assert all(field.description for field in Settings.model_fields.values())


def test_the_example_names_every_variable_and_is_accepted_when_its_lines_are_used(home, folder):
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#([A-Z_]+)=", text, re.M))
    assert set(declared().by_variable) <= named
    assert [name for name in named if not setting_key(name.removesuffix("_FILE"))] == []
    lines = [
        line.lstrip("#")
        for line in text.splitlines()
        if re.match(r"#[A-Z_]+=.", line) and "_FILE" not in line
    ]
    write(folder / ".env", "\n".join(lines))
    assert load(home, environ={}).settings.port == 8080


def test_new_names_of_contracts_are_told_by_venue_and_in_any_spelling(home):
    text = (
        '[renamed]\n"hyperliquid-perp:matic-usdc-perp" = "POL"\n"bitget-perp:EOSUSDT" = "AUSDT"\n'
        '"bitget-perp:MATIC" = "POLUSDT"\n'
    )
    write(home / "vigie.toml", text)
    renamed = load(home, environ={}).settings.renamed
    assert list_renamed(renamed, "bitget-perp") == {"matic-usdt-perp": "POLUSDT", "eos-usdt-perp": "AUSDT"}
    assert list_renamed(renamed, "hyperliquid-perp") == {"matic-usdc-perp": "POL"}
    assert not list_renamed(renamed, "binance-perp")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"bitget-perp:MATIC" = "POL-USDT"', "renamed"),
        ('"MATIC" = "POLUSDT"', "must name the venue too"),
        ('"bitget-perp:MATIC" = "A"\n"bitget-perp:matic-usdt-perp" = "B"', "must name matic-usdt-perp once"),
    ],
)
def test_a_new_name_that_cannot_be_is_refused(home, line, said):
    write(home / "vigie.toml", f"[renamed]\n{line}\n")
    with pytest.raises(ConfigError, match=said):
        load(home, environ={})


def test_config_show_prints_values_and_origins(home, folder):
    write(folder / ".env", f"DATABASE_URL={ADDRESS}\n")
    done = CliRunner().invoke(app, ["config", "show"])
    assert done.exit_code == 0, done.output
    words = " ".join(done.output.split())
    assert "postgresql://ann:********@example.org/desk" in words
    assert "hunter2" not in words


def test_config_show_as_json_is_one_document(home):
    done = CliRunner().invoke(app, ["config", "show", "--json"], env={**os.environ, "VIGIE_PORT": "9001"})
    rows = {row["key"]: (row["value"], row["origin"]) for row in json.loads(done.output)}
    assert rows["port"] == ("9001", "VIGIE_PORT in the environment")
    # A table breaks a path that is longer than its column.
    assert rows["home"] == (str(home), "VIGIE_HOME in the environment")


def test_config_show_refuses_what_is_wrong(home):
    done = CliRunner().invoke(app, ["config", "show"], env={**os.environ, "VIGIE_PORT": "x"})
    assert isinstance(done.exception, ConfigError)


def test_the_page_on_settings_names_every_one_with_its_default():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| `")}
    for name, key in declared().by_variable.items():
        row = next(row for first, row in rows.items() if f"`{'.'.join(key)}`" in first)
        assert f"`{name}`" in row
    for key, value, _ in load("/nowhere", environ={}).list_settings():
        if key not in ("home", "database_url") and value:
            assert f"`{value}`" in rows[f"`{key}`"]


def test_passwords_of_mailboxes_are_settings_whatever_they_are_called(home, folder):
    write(home / ".env", "VIGIE_MAIL_POST_KEY=hunter2\n")
    secret = write(folder / "secret", "hunter3\n")
    loaded = load(home=home, environ={"VIGIE_MAIL_OTHER_LIST_KEY_FILE": str(secret)})
    keys = {name: one.key.get_secret_value() for name, one in loaded.settings.keys.items()}
    assert keys == {"mail_post": "hunter2", "mail_other_list": "hunter3"}
    assert not any("hunter" in shown for _, shown, _ in loaded.list_settings())
    assert setting_key("VIGIE_MAIL_POST_URL") is None
    assert setting_key("VIGIE_MAIL_POST_MODE") is None


def test_every_shipped_source_of_news_that_takes_a_key_can_be_given_one():
    taking = [one.id for one in feeds(SHIPPED) if one.key_header]
    assert taking
    assert all(setting_key(key_name(one)) == ("keys", one, "key") for one in taking)


def test_settings_of_two_homes_are_of_one_model_and_each_its_own(tmp_path):
    homes = [tmp_path / name for name in ("one", "other")]
    for port, home in enumerate(homes, start=9001):
        home.mkdir()
        write(home / "vigie.toml", f"port = {port}\n")
    one, other = (load(home, environ={}).settings for home in homes)
    assert type(one) is type(other)
    assert (one.home, one.port) == (homes[0], 9001)
    assert (other.home, other.port) == (homes[1], 9002)


def test_what_settings_are_laid_from_is_no_setting_itself(home):
    path = write(home / "vigie.toml", "layers = 1\n")
    assert refusal(home=home) == f"layers in {path} is no setting"
