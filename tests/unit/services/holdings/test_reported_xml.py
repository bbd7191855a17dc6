"""A platform's statement as XML in the CARF schema: read as its CSV form is, refused whole where it is no report."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.shared import ROOT
from tests.unit.services.holdings.material import ANN, ask, holding_house
from vigie.domain.errors import UsageError
from vigie.services.holdings import reported_file, reported_xml

# Written by classes that the public program aeoi 0.0.1 generated from the OECD's CARFXML_v1.5.xsd; the figures are
# invented. 300 random files of these classes, 9,073 figures, were read the same when this was written.
SAMPLE = """\
<?xml version="1.0" encoding="UTF-8"?>
<carf:CARF_OECD xmlns:carf="urn:oecd:ties:carf:v1" xmlns:stf="urn:oecd:ties:carfstf:v5" version="1.5">
  <carf:MessageSpec>
    <carf:TransmittingCountry>IE</carf:TransmittingCountry>
    <carf:ReceivingCountry>FR</carf:ReceivingCountry>
    <carf:MessageType>CARF</carf:MessageType>
    <carf:MessageRefId>IE2025FR1</carf:MessageRefId>
    <carf:MessageTypeIndic>CARF701</carf:MessageTypeIndic>
    <carf:ReportingPeriod>2025-12-31</carf:ReportingPeriod>
    <carf:Timestamp>2026-01-20T08:00:00</carf:Timestamp>
  </carf:MessageSpec>
  <carf:CARFBody>
    <carf:RCASP>
      <carf:RCASP_ID>
        <carf:Entity>
          <carf:ResCountryCode>IE</carf:ResCountryCode>
          <carf:TIN issuedBy="IE">IE1</carf:TIN>
          <carf:Name>Kraken</carf:Name>
          <carf:Address>
            <carf:CountryCode>IE</carf:CountryCode>
            <carf:AddressFix>
              <carf:City>Dublin</carf:City>
            </carf:AddressFix>
          </carf:Address>
        </carf:Entity>
      </carf:RCASP_ID>
      <carf:Nexus>CARF901</carf:Nexus>
      <carf:DocSpec>
        <stf:DocTypeIndic>OECD1</stf:DocTypeIndic>
        <stf:DocRefId>FR2026-1</stf:DocRefId>
      </carf:DocSpec>
    </carf:RCASP>
    <carf:CryptoUsers>
      <carf:UserID>
        <carf:Individual>
          <carf:ResCountryCode>FR</carf:ResCountryCode>
          <carf:TIN issuedBy="FR">0101</carf:TIN>
          <carf:Name>
            <carf:FirstName>Anne</carf:FirstName>
            <carf:LastName>Martin</carf:LastName>
          </carf:Name>
          <carf:Address>
            <carf:CountryCode>FR</carf:CountryCode>
            <carf:AddressFix>
              <carf:City>Lyon</carf:City>
            </carf:AddressFix>
          </carf:Address>
          <carf:BirthInfo>
            <carf:BirthDate>1990-01-02</carf:BirthDate>
          </carf:BirthInfo>
        </carf:Individual>
      </carf:UserID>
      <carf:RelevantTransactions>
        <carf:CryptoAsset>BTC</carf:CryptoAsset>
        <carf:CryptoFiatIn>
          <carf:NumberofTransactions>1</carf:NumberofTransactions>
          <carf:Amount currCode="EUR">20000.00</carf:Amount>
          <carf:NumberofUnits>0.5</carf:NumberofUnits>
        </carf:CryptoFiatIn>
        <carf:CryptoTransferIn>
          <carf:TransferType>CARF502</carf:TransferType>
          <carf:NumberofTransactions>3</carf:NumberofTransactions>
          <carf:Amount currCode="EUR">12.50</carf:Amount>
          <carf:NumberofUnits>0.0003</carf:NumberofUnits>
          <carf:AltValuation>CARF1002</carf:AltValuation>
        </carf:CryptoTransferIn>
        <carf:TransferWallet>
          <carf:Amount currCode="EUR">400.00</carf:Amount>
          <carf:NumberofUnits>0.01</carf:NumberofUnits>
        </carf:TransferWallet>
      </carf:RelevantTransactions>
      <carf:RelevantTransactions>
        <carf:CryptoAsset>ETH</carf:CryptoAsset>
        <carf:CryptoToCryptoOut>
          <carf:NumberofTransactions>2</carf:NumberofTransactions>
          <carf:Amount currCode="EUR">1500.00</carf:Amount>
          <carf:NumberofUnits>0.75</carf:NumberofUnits>
        </carf:CryptoToCryptoOut>
        <carf:RRPT>
          <carf:NumberofTransactions>1</carf:NumberofTransactions>
          <carf:Amount currCode="EUR">51000.00</carf:Amount>
          <carf:NumberofUnits>20</carf:NumberofUnits>
        </carf:RRPT>
      </carf:RelevantTransactions>
      <carf:DocSpec>
        <stf:DocTypeIndic>OECD1</stf:DocTypeIndic>
        <stf:DocRefId>FR2026-1</stf:DocRefId>
      </carf:DocSpec>
    </carf:CryptoUsers>
  </carf:CARFBody>
</carf:CARF_OECD>
"""
AS_TABLE = """\
platform,asset,category,type,units,amount,currency,transactions
Kraken,BTC,CryptoFiatIn,,0.5,20000,EUR,1
Kraken,BTC,CryptoTransferIn,CARF502 CARF1002,0.0003,12.5,EUR,3
Kraken,BTC,TransferWallet,,0.01,400,EUR,
Kraken,ETH,CryptoToCryptoOut,,0.75,1500,EUR,2
Kraken,ETH,RRPT,,20,51000,EUR,1
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return holding_house(tmp_path_factory.mktemp("xml") / "home")


@pytest.fixture
def built(market):
    yield market
    market.reported.forget(ANN.user)


def bring(built, text: str, **more):
    return ask(built, "import_reported", text=text, **{"year": 2025, "dry_run": False, **more})


def test_xml_and_the_same_table_are_one_statement(built):
    assert bring(built, SAMPLE).new == 5
    assert (bring(built, AS_TABLE).known, bring(built, "\n" + SAMPLE).known) == (5, 5)
    told = ask(built, "reported", language="fr")
    assert [(one.place, one.rows) for one in told.statements] == [("Kraken", 5)]
    (staked,) = [part for row in told.rows for part in row.reported if part.sort]
    assert staked.sort == "revenu de staking, à la valeur d’un tiers"


def test_the_platform_that_a_person_names_is_the_one_of_their_lines(built):
    legal = SAMPLE.replace(">Kraken<", ">Payward Europe Solutions Limited<")
    assert bring(built, legal, place="Kraken").new == 5
    assert [one.place for one in ask(built, "reported").statements] == ["Kraken"]


def test_prefixes_and_what_the_first_line_says_of_letters_do_not_matter(built):
    bare = SAMPLE.replace("UTF-8", "UTF-16")
    for prefix in ("<carf:", "</carf:", "<stf:", "</stf:"):
        bare = bare.replace(prefix, prefix.partition("carf:")[0].partition("stf:")[0])
    assert ":" not in bare[bare.index("<MessageSpec") : bare.index("<Timestamp")]
    bring(built, bare)
    assert bring(built, SAMPLE).known == 5


def test_the_example_of_the_documentation_is_read(built):
    page = (ROOT / "docs" / "holdings.md").read_text(encoding="utf-8")
    example = page.partition("```xml\n")[2].partition("```")[0]
    table = reported_xml.read_carf(example, "")
    assert [dict(zip(table.headers, row, strict=True))["units"] for _, row in table.rows] == ["0.25", "0.002"]
    assert table.rows[0][1][:2] == ["Kraken", "2026"]


USER = SAMPLE[SAMPLE.index("    <carf:CryptoUsers>") : SAMPLE.index("  </carf:CARFBody>")]
AMOUNT = '<carf:Amount currCode="EUR">12.50</carf:Amount>'
PERIOD = re.search(r"<carf:ReportingPeriod>.*?</carf:ReportingPeriod>", SAMPLE)[0]
BOMB = '<!DOCTYPE c [<!ENTITY a "BTC"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (SAMPLE.replace(USER, USER * 2), "2 users"),
        (SAMPLE.replace(USER, ""), "no figures"),
        (SAMPLE.replace(USER, USER.replace("OECD1<", "OECD3<")), "takes an earlier statement back"),
        (SAMPLE.replace(USER, USER.replace("OECD1<", "OECD11<")), "a test"),
        (SAMPLE.replace("CARFBody", "Body"), "CARF schema"),
        (SAMPLE[:-20], "no complete XML"),
        (
            SAMPLE.replace("<carf:CARF_OECD", BOMB + "<carf:CARF_OECD", 1).replace(">BTC<", ">&b;<"),
            "no complete XML",
        ),
        (SAMPLE.replace(AMOUNT, AMOUNT * 2), "says Amount 2 times"),
        (SAMPLE.replace(PERIOD, PERIOD * 2), "says ReportingPeriod 2 times"),
        (SAMPLE.replace(">BTC<", ">" + "abandon " * 11 + "about<"), "seed phrase"),
    ],
)
def test_what_is_no_report_about_one_person_is_refused_whole(built, text, word):
    with pytest.raises(UsageError, match=word) as refused:
        bring(built, text)
    assert "abandon" not in str(refused.value)
    assert ask(built, "reported", year=2025).statements == []


def test_a_file_of_more_elements_than_its_rows_can_have_is_refused_before_they_are_made(built, monkeypatch):
    made = list[str]()
    monkeypatch.setattr(reported_file, "read_carf", lambda text, _: made.append(text))
    for text in ("<a>" + "<b/>" * 450_000 + "</a>", "<a>" * 600_000):
        with pytest.raises(UsageError, match="at most 5000 rows"):
            bring(built, text)
    assert made == []


def test_the_asset_of_many_figures_is_looked_up_once_a_block(built, monkeypatch):
    figures = "<CryptoAsset/>" + "<CryptoFiatIn/>" * 90_000
    start, end = (
        SAMPLE.index("        <carf:CryptoAsset>"),
        SAMPLE.index("      </carf:RelevantTransactions>"),
    )
    looked_up, text_in = Counter[str](), reported_xml._text
    monkeypatch.setattr(
        reported_xml, "_text", lambda node, name: looked_up.update([name]) or text_in(node, name)
    )
    with pytest.raises(UsageError, match="at most 5000 rows"):
        bring(built, SAMPLE[:start] + figures + SAMPLE[end:])
    # Once in each of two blocks; looked up for each figure, among all others, it would take minutes.
    assert (looked_up["CryptoAsset"], looked_up["NumberofUnits"]) == (2, 90_002)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("2025-12-31", "2024-12-31", "year"),
        (">0.5<", ">1,5e9<", "units"),
        (">0.5<", ">1,250<", "units"),
        ("RRPT", "Gambling", "category"),
        ('currCode="EUR">12.50', '>12.50', "currency"),
        (">ETH<", ">NOSUCHCOIN<", "asset"),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_read_holds_the_file_back(built, old, new, column):
    seen = bring(built, SAMPLE.replace(old, new), dry_run=True)
    assert {fault.column for fault in seen.refused} == {column}
    with pytest.raises(UsageError):
        bring(built, SAMPLE.replace(old, new))
