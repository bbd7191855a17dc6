"""The page of indicators has one row for each of the registry, written from it."""

from __future__ import annotations

from tests.shared import ROOT
from vigie.quant.indicators import registry


def row(indicator) -> str:
    call = ", ".join([*indicator.inputs, *(f"{key}={value}" for key, value in indicator.parameters.items())])
    outputs = ", ".join(indicator.outputs)
    formula = indicator.formula.replace("|", "\\|")
    warmups = sorted(set(indicator.warmups(**indicator.parameters)))
    warmup = " / ".join(map(str, warmups)) + ("" if indicator.exact else " or more")
    return f"| `{indicator.name}({call})` | {outputs} | {formula} | {warmup} | {indicator.source} |"


def test_page_when_read_then_its_table_is_the_registry():
    page = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in page if line.startswith("| `")]
    assert rows == [row(indicator) for indicator in registry().values()]
