"""Pure mathematics: arrays in, arrays out; no account, no file, no clock.

arrays      how arrays enter compiled code: one type for all of them
compare     comparisons that treat values within 1e-9 relative as equal
grid        ticks and lots: from a price to a grid number and back
money       whole numbers of 1e-8: from an amount to one and back, and exact sums
rolling     looking back in truth arrays: the bar before, any of the bars before
indicators  functions of prices, NaN for the warm-up, no look-ahead
features    columns for models that learn, NaN until known, no look-ahead
feature_table  many columns at once, and which of them say nothing
feature_causality  proof on every run that columns did not look ahead
labels      what models learn to tell, with the bars that each answer was made of
indicator_contract  what every indicator promises, asked of one from outside
patterns    chart patterns from confirmed swings, and how often they are completed
models      what learns from columns: flat trees, weights, and kinds that are fitted
metrics     results in figures: equity and trades in, one record out
stats       can a result be believed: selection, overfitting and chance
"""

from vigie.compiled import prepare

prepare()
