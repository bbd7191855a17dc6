"""What a year's tax file says, in both languages; the rules of a country are said beside its figures."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts
from vigie.intelligence.holdings.country_rules import read_country

COUNTRIES: Final = {"FR": "france", "DE": "germany"}

TEXTS: Final = NamedTexts("tax", {
        "title_FR": "France, year {year}: form 2086, boxes of 2042-C, form 3916-bis",
        "title_DE": "Germany, year {year}: sections 23 and 22 no. 3 EStG",
        "not_advice": "Not advice: a reading of public texts for a private person resident in one country. Check "
            "every figure before you file it.",
        "not_covered_FR": "Not covered: professional trading, derivatives and margin, liquidity pools and wrapped "
            "coins, non-fungible tokens, balances in swaps, sales before 2019, the progressive scale and your "
            "household, exit tax, "
            "inheritance.",
        "not_covered_DE": "Not covered: professional trading, derivatives and margin, liquidity pools and wrapped "
            "coins, non-fungible tokens, carry-back, mining as a business, church tax, line numbers of Anlage SO.",
        "securities": "Exchange-traded products and certificates on coins are securities: not covered either.",
        "lots_FR": "France has no lots: all places are one portfolio, and your choice of lots changes no figure here.",
        "lots_DE": "Lots: {method}, {queue}.",
        "method_fifo": "first in, first out",
        "method_lifo": "last in, first out",
        "method_hifo": "dearest first",
        "method_specific": "those that a sale names, else first in, first out",
        "method_average": "average cost of what is there, days by first in, first out",
        "queue_place": "each place alone",
        "queue_all": "over all places",
        "uncovered": "Not covered: securities",
        "uncovered_line": "{product}: a security, which has rules of its own. Not in the figures.",
        "open_year": "The year {year} is not over: figures are those until {day}.",
        "missing_cost": "{asset}: the cost is not known and counts as 0 until you give it.",
        "gap": "{asset}: more left than was there. Add what came before it.",
        "no_price_FR": "{asset}: no price on that day. This sale and all later ones have no figures.",
        "no_price_DE": "{asset}: no price on that day. The year has no total.",
        "refused": "{asset}: not counted ({code}).",
        "open_line": "{typed}: choose which coin this is. Until then the line is in no figure below.",
        "coin_fee_left": "Coins paid as fees of swaps or transfers leave without a sale.",
        "fee_left": "Coins paid as fees leave without gain or loss.",
        "loss_left": "Lost or stolen coins leave without gain or loss.",
        "income_not_settled": "Rewards are listed by value: whether they are taxed on receipt is not settled.",
        "airdrop_at_zero": "An airdrop for which nothing was done costs 0 and is no income.",
        "may_be_business": "Mining may be a business.",
        "method_not_in_letter": "This method is not in the letter of the ministry.",
        "not_per_wallet": "One queue over all places is not in the letter of the ministry.",
        "51": "Sum of the lines 218, to the cent",
        "224": "Sum of gains and losses",
        "exempt": "Line 51 is not over {limit}: the year is exempt.",
        "taxed": "Line 51 is over {limit}: all gains are taxed.",
        "3AN": "2042-C: gain of the year, in whole euros",
        "3BN": "2042-C: loss of the year, in whole euros",
        "to_the_cent": "{what}; to the cent: {money}",
        "ir": "Income tax at {rate}% (rate: {sure}; {source})",
        "ir_scale": "Income tax by the scale (box 3CN): it needs the household",
        "ps": "Social levies at {rate}% (rate: {sure}; {source})",
        "from_exact": "Computed from the exact gain; the form begins with whole euros and gives {tax}.",
        "rounding": "All amounts are worked out without rounding: rounded to the cent, as page and PDF show them, they "
            "may miss their sum by some cents.",
        "212": "Worth of all coins just before the sale",
        "213": "Price received, before fees",
        "214": "Fees of the sale",
        "215": "213 − 214",
        "216": "Balance of a swap (money paid beside the coins): not covered",
        "217": "213, without a balance",
        "218": "213 − 214, without a balance",
        "220": "All acquisition prices in money before the sale",
        "221": "Capital used by earlier disposals",
        "222": "Balances received: not covered",
        "223": "220 − 221",
        "gain_FR": "Gain: 218 − 223 × 217 / 212",
        "no_figures": "No figures: see what is missing",
        "at_sale": "212: at the unit price of the sale",
        "at_fee": "212: at the value of the fee",
        "at_close": "212: at the close of the day",
        "buy": "Paid: {money}. Sum of 220 so far: {total}",
        "fee": "Fee of a purchase. Sum of 220 so far: {total}",
        "gift": "Gift received, at its value. Sum of 220 so far: {total}",
        "income": "Reward, at its value. Sum of 220 so far: {total}",
        "opening_220": "Acquisition prices carried from before",
        "opening_221": "Capital carried from before",
        "opening_loss": "Loss carried from before",
        "opening_entered": "{what}: entered by you on {day} for {year}",
        "opening_coins": "Opening values are set, but no coins that were held before {year}: enter each as a purchase "
            "at cost 0.",
        "opening_twice": "Opening values hold from {year} on, and there are purchases with a cost before it: they may "
            "count twice.",
        "used": "Capital used: 223 × 217 / 212. Sum of 221 so far: {total}",
        "given": "Capital used by a gift made. Sum of 221 so far: {total}",
        "received": "Received ({sort}), at its value",
        "abroad": "3916-bis: account abroad at {place}",
        "maybe_abroad": "Is {place} an account abroad? Then name it above: it belongs on form 3916-bis, also where it "
            "is empty. A wallet of your own, such as a device or an app whose keys you hold, is no account.",
        "proceeds": "Received for this part",
        "cost": "Cost of this part, of the lot of {day} (line {lot})",
        "no_lot": "Cost 0: no lot was there",
        "taxable": "Gain: taxable, bought on {acquired}, sold within a year on {sold}",
        "free": "Gain: free, bought on {acquired}, sold more than a year later on {sold}",
        "gap_gain": "Gain: taxable, when it was bought is not known",
        "total": "Section 23: gains and losses within the year",
        "limit": "Section 23: limit of the year",
        "taxed_gains": "Section 23: taxable, after the limit and carried losses",
        "free_gains": "Gains after the year: free",
        "other_income": "Section 22 no. 3: income at value on receipt",
        "income_limit": "Section 22 no. 3: limit of the year",
        "income_taxed": "Section 22 no. 3: taxable, before costs",
        "loss_carried": "Loss that is carried forward",
        "head_line": "Line",
        "head_what": "What it is",
        "head_sure": "How sure",
        "head_source": "Source",
        "footer": "Not advice. Made by Vigie.",
        "warning": "Read first",
        "missing": "Fill in first",
        "sums": "Sums and boxes",
        "flag": "Read with care",
        "sale": "Sales, line by line",
        "entry": "Acquisition prices and capital used",
        "receipt": "Rewards received",
        "place": "Places",
        "rule": "How the texts are read",
        "nothing_missing": "Nothing is missing.",
        "no_lines": "You have no line yet, so there is nothing to work out: add what you own, or a file of your "
            "exchange, on the page Portfolio.",
        "no_sales": "No sale in this year.",
        "how_sure": "How sure: sure is what law, form or ministry say alike; likely has one good source; chosen is "
            "Vigie’s own choice, where the texts are silent or contradict each other.",
        "sure": "sure",
        "likely": "likely",
        "chosen": "chosen",
    })  # fmt: skip

# By country and name of the rule: ``FR.fees``.
RULES: Final = NamedTexts("tax_rule", {
    f"{country}.{rule.name}": rule.text for country, file in COUNTRIES.items() for rule in read_country(file).choices
})  # fmt: skip
# Where rules and figures stand; of a figure with the year from which it holds: ``FR.social_levies.2025``.
RULE_SOURCES: Final = NamedTexts("tax_source", {
    **{f"{country}.{rule.name}": rule.source for country, file in COUNTRIES.items()
       for rule in read_country(file).choices},
    **{f"{country}.{figure.name}.{figure.valid_from.year}": figure.source for country, file in COUNTRIES.items()
       for figure in read_country(file).figures},
})  # fmt: skip
PARTS: Final = (
    "warning",
    "missing",
    "uncovered",
    "sums",
    "flag",
    "sale",
    "entry",
    "receipt",
    "place",
    "rule",
)
