"""What a sender's DNS records are found to be, asked of a real DNS server on loopback."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.nameserver import BROKEN, SILENT, nameserver
from vigie.adapters.net.dns import DnspythonResolver
from vigie.domain.errors import UsageError
from vigie.services.mail_records.dkim import parse_pem_key
from vigie.services.mail_records.mail_check import MailSetup, check_mail
from vigie.services.mail_records.records import parse_tags

PAGES = "https://vigie.example.org"
SENDER = "vigie@example.org"


def pem(key) -> str:
    public = key.public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


@pytest.fixture(scope="module")
def keys():
    made = {bits: rsa.generate_private_key(65_537, bits) for bits in (1_024, 2_048)}
    return {
        **{bits: parse_pem_key(pem(key)) for bits, key in made.items()},
        "ed": parse_pem_key(pem(ed25519.Ed25519PrivateKey.generate())),
    }


def found(zone, **more):
    """Return by name what is found for a sender of example.org."""
    setup = MailSetup(**{"sender": SENDER, "pages": PAGES, **more})
    with nameserver(zone) as address:
        checks = check_mail(setup, DnspythonResolver(address, lifetime_s=2))
    return {one.name: one for one in checks}


def test_a_sender_without_records_is_told_each_record_to_add(keys):
    checks = found({}, spf="include:_spf.example.net", selector="m1", key=keys[2_048])
    assert [one.status for one in checks.values()] == ["ok", "fail", "fail", "fail", "ok"]
    assert checks["SPF"].cure == 'add: example.org. IN TXT "v=spf1 include:_spf.example.net ~all"'
    assert checks["DMARC"].cure == 'add: _dmarc.example.org. IN TXT "v=DMARC1; p=none"'
    record = checks["DKIM"].cure.partition("add: m1._domainkey.example.org. IN TXT ")[2]
    strings = record.strip('"').split('" "')
    assert len(strings) == 2
    assert all(len(text) <= 255 for text in strings)
    assert parse_tags("".join(strings)) == {"v": "DKIM1", "k": "rsa", "p": keys[2_048].text}


def test_records_that_were_added_as_told_are_sound(keys):
    known = {"spf": "ip4:192.0.2.1", "selector": "m1"}
    for kind in (2_048, "ed"):
        missing = found({}, **known, key=keys[kind])
        zone = {}
        for check in missing.values():
            name, _, texts = check.cure.partition("add: ")[2].partition(". IN TXT ")
            if name:
                zone[name] = [texts.strip('"').replace('" "', "")]
        checks = found(zone, **known, key=keys[kind])
        assert {one.status for one in checks.values()} == {"ok"}, checks


def test_what_cannot_be_seen_from_outside_is_asked_and_not_guessed():
    checks = found(
        {"example.org": ["v=spf1 mx -all", "other=1"], "_dmarc.example.org": ["v=DMARC1; p=reject"]}
    )
    assert [(name, one.status) for name, one in checks.items()] == [
        ("sender", "ok"), ("SPF", "warning"), ("DKIM", "warning"), ("DMARC", "ok"), ("one click", "ok"),
    ]  # fmt: skip
    assert "--spf" in checks["SPF"].cure
    assert "--selector" in checks["DKIM"].cure
    nothing = found({})
    assert "IN TXT" not in nothing["SPF"].cure + nothing["DKIM"].cure
    assert found({}, selector="m1")["DKIM"].cure.startswith("add --dkim-key")


@pytest.mark.parametrize(
    ("records", "status", "told"),
    [
        (["v=spf1 ip4:192.0.2.1 -all"], "ok", ""),
        (["v=spf1 ip4:192.0.2.9 -all"], "fail", '"v=spf1 ip4:192.0.2.9 ip4:192.0.2.1 -all"'),
        (["v=spf1 redirect=b.example"], "fail", '"v=spf1 ip4:192.0.2.1 redirect=b.example"'),
        (["v=spf1 ip4:192.0.2.1 +all"], "fail", '"v=spf1 ip4:192.0.2.1 ~all"'),
        (["v=spf1 mx ~all", "v=spf1 ip4:192.0.2.1 -all"], "fail", '"v=spf1 ip4:192.0.2.1 mx ~all"'),
        (["v=spf1 include:nobody.example -all"], "fail", "remove that name, or correct it"),
        (["v=spf1 ipv4:192.0.2.1 -all"], "fail", "correct that entry in the SPF record of"),
        (
            ["v=spf1 include:deep.example ip4:192.0.2.1 -all"],
            "fail",
            ("remove entries that no longer send, or list their"),
        ),
        (
            ["v=spf1 include:loop.example ip4:192.0.2.1 -all"],
            "fail",
            ("remove entries that no longer send, or list their"),
        ),
    ],
)
def test_spf_records_that_receivers_ignore_or_that_do_not_name_the_server(records, status, told):
    zone = {
        "example.org": records, "b.example": ["v=spf1 -all"], "loop.example": ["v=spf1 include:loop.example -all"],
        "deep.example": ["v=spf1 " + " ".join(f"a:h{n}.example" for n in range(10)) + " -all"],
    }  # fmt: skip
    check = found(zone, spf="ip4:192.0.2.1")["SPF"]
    assert (check.status, told in check.cure) == (status, True), check


def test_a_long_record_is_written_out_whole():
    many = " ".join(f"ip4:198.51.100.{n}" for n in range(40))
    cure = found({"example.org": [f"v=spf1 {many} -all"]}, spf="ip4:192.0.2.1")["SPF"].cure
    assert cure.endswith(' ip4:192.0.2.1 -all"')
    assert cure.count("ip4:") == 41
    assert cure.count('" "') == 2


def test_keys_that_are_revoked_short_others_or_no_keys(keys):
    name = "m1._domainkey.example.org"
    for texts, status, told in (
        (["v=DKIM1; p="], "fail", "revoked"),
        ([f"k=rsa; p={keys[1_024].text}"], "fail", "a different key"),
        ([f"v=DKIM1; t=y; p={keys[2_048].text}"], "warning", "t=y"),
        (["v=DKIM1; p=bm8ga2V5"], "fail", "no readable RSA or Ed25519 key"),
        ([keys[2_048].record[:250], keys["ed"].record], "fail", "contains 2 keys"),
    ):
        check = found({name: texts}, selector="m1", key=keys[2_048])["DKIM"]
        assert (check.status, told in check.detail) == (status, True), check
    short = found({name: [keys[1_024].record]}, selector="m1")["DKIM"]
    assert (short.status, "1,024 bits: too short" in short.detail) == ("warning", True)
    with pytest.raises(UsageError, match="a private key stays"):
        parse_pem_key("AAAA")


def test_a_policy_of_the_domain_above_holds():
    zone = {"_dmarc.example.org": ["v=DMARC1; p=none; sp=quarantine"]}
    assert found(zone, sender="v@desk.example.org")["DMARC"].status == "ok"
    doubled = {"_dmarc.example.org": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}
    assert "ignore all" in found(doubled)["DMARC"].detail
    assert found({"_dmarc.example.org": ["v=DMARC1; rua=mailto:x"]})["DMARC"].status == "fail"


@pytest.mark.parametrize("what", [BROKEN, SILENT])
def test_where_dns_gives_no_answer_nothing_is_said_to_be_missing(what):
    checks = found({"example.org": what, "_dmarc.example.org": what})
    for name in ("SPF", "DMARC"):
        assert "gives no answer" in checks[name].detail
        assert "no answer now; run this again, or use another resolver" in checks[name].cure


@pytest.mark.parametrize(
    "sender", ["vigie@localhost", "vigie@[192.0.2.1]", "vigie@mail..org", "vigie@127.0.0.1"]
)
def test_a_sender_without_a_public_domain_is_refused_in_words(sender):
    checks = found({}, sender=sender, pages="http://10.0.0.4")
    assert [(one.name, one.status) for one in checks.values()] == [
        ("sender", "fail"),
        ("one click", "warning"),
    ]


@pytest.mark.parametrize("wrong", [{"spf": "v=spf1 -all"}, {"spf": "include:a b"}, {"selector": "a/b"}])
def test_what_is_said_of_the_server_must_be_of_its_form(wrong):
    with pytest.raises(UsageError, match="must"):
        found({}, **wrong)


class Held:
    """Answers every name with the same texts."""

    def __init__(self, texts):
        self.held = texts

    def texts(self, name):
        return self.held


@given(
    st.lists(
        st.text(max_size=60)
        | st.text(max_size=60).map("v=spf1 ".__add__)
        | st.text().map("v=DMARC1;p=".__add__)
    )
)
def test_whatever_stands_in_dns_a_check_ends_in_words_of_one_line(texts):
    setup = MailSetup(SENDER, PAGES, selector="m1")
    for check in check_mail(setup, Held(texts)):
        assert check.detail.isprintable()
        assert check.cure.isprintable()
        assert bool(check.cure) == (check.status != "ok")
