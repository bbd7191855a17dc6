"""What the reconciliation with a platform's statement says, in every language."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts

TEXTS: Final = NamedTexts("reported", {
        "fiat_in": "Bought with money",
        "fiat_out": "Sold for money",
        "crypto_in": "Received in swaps",
        "crypto_out": "Given in swaps",
        "transfer_in": "Transfers in",
        "transfer_out": "Transfers out",
        "transfer_wallet": "Transfers to unknown wallets",
        "retail_payment": "Retail payments",
        "equal": "the same",
        "rounded": "the same but for rounding",
        "different": "different",
        "only_reported": "only reported",
        "only_own": "only in your lines",
        "unchecked": "not checked",
        "why_only_reported": "None of your lines is in this category. Import what is missing from the platform's "
            "own file, or correct the place or the kind of a line.",
        "why_only_own": "The platform reported nothing here. Check the place, the year and the kind of these "
            "lines; a platform may also leave out what it need not report.",
        "why_fewer_lines": "The platform counts more transactions than you have lines ({count} more): lines may be "
            "missing.",
        "why_more_lines": "You have more lines than the platform counts transactions ({count} more): a line may be "
            "there twice, or belong to another place or year.",
        "why_split_lines": "You have more lines than the platform counts transactions ({count} more), for the same "
            "units: parts of one order may be counted as one.",
        "why_fee_coins": "Units differ by what you paid as fees in this coin: the platform counts them in.",
        "why_fee_money": "Amounts differ by your fees in money: the platform counts them the other way.",
        "why_valuation": "Units agree, amounts do not: the platform may value at another moment or rate than the "
            "line or the day's price.",
        "why_no_value": "Your amount is not known. Lines with neither a cost nor a price of their day: {count}.",
        "why_currency": "Amounts in {name} are not compared: only EUR and USD are.",
        "why_other_category": "Your lines have as many units too few or too many under “{name}”: one of the two "
            "sorts them otherwise, such as a transfer as a sale.",
        "why_no_place": "Lines of this kind that name no place and are not counted: {count}. They may belong to "
            "this platform.",
        "why_year_turn": "Lines a day from the turn of the year: {count}. The platform may use another time zone.",
        "why_loss": "Losses of this coin, in no category: {count}. The platform may have seen transfers out.",
        "why_unexplained": "Nothing here explains it: compare these lines with the platform's own list.",
        "why_transfer_wallet": "Which wallets a platform does not know, only it can tell. Your transfers out are "
            "enough for this figure, which is a part of them.",
        "why_transfer_wallet_too_much": "More than all your transfers out from this platform: lines may be "
            "missing, or be kept as something else.",
        "why_retail_payment": "Your lines do not tell payments from sales. Your sales are enough for this figure.",
        "why_retail_payment_too_much": "More than all your sales at this platform: lines may be missing, or be "
            "kept as transfers.",
        "type_CARF401": "staking",
        "type_CARF402": "crypto loan",
        "type_CARF403": "wrapping",
        "type_CARF404": "collateral",
        "type_CARF501": "airdrop",
        "type_CARF502": "staking income",
        "type_CARF503": "mining income",
        "type_CARF504": "crypto loan",
        "type_CARF505": "transfer from another platform",
        "type_CARF506": "sale of goods or services",
        "type_CARF507": "collateral",
        "type_CARF508": "other",
        "type_CARF509": "unknown",
        "type_CARF601": "transfer to another platform",
        "type_CARF602": "crypto loan",
        "type_CARF603": "purchase of goods or services",
        "type_CARF604": "collateral",
        "type_CARF605": "other",
        "type_CARF606": "unknown",
        "type_CARF1001": "at book value",
        "type_CARF1002": "at the value of a third party",
        "type_CARF1003": "at the platform’s own recent value",
        "type_CARF1004": "at the platform’s estimate",
        "near_no_place": "names no place",
        "near_year_turn": "at the turn of the year",
        "near_fee": "fee in coins",
        "near_loss": "loss",
        "remark": "Not advice. Own figures follow your lines: purchases without fees, sales after fees in money, "
            "the rest at its own value or the close of its day; years in UTC.",
    })  # fmt: skip
