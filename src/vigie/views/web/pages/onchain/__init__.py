"""On-chain and market-wide figures, a tab each.

page      cards of an asset or the market; the chart of formulas; every series there is
defi      chains, protocols, exchanges, fees, yields, stablecoins
charts    their drawings, and what they say in words
formula_form  from the fields of a form to a formula in the address
pictures  charts as files
"""
