"""From signal to booked fill: stations that are strangers to one another, composed by the kernel.

ledger      books fees, funding and results to 1e-8
intents     ids of decided orders: deciding again gives the same
balances    an account's money as an exact fold over what the venue did
statement   what is said of an account's money
sizing      levels and quantity of an entry, with the fill model's refusals
exits       whether a level was touched inside a bar, and at which price
execution   what a market order pays: slippage and rounding against us
risk        protections, loss limits, exposure, correlation of a shared account
strategies  what to trade: criteria on bars, one file each
plan_slots  which slots trade plans, and that their distances are those of the account
strategy    what a strategy file is made of: parameters, criteria
loaded_strategy a strategy as the catalogue loads it
filters     optional criteria that many strategies share
catalogue   which strategies there are, shipped and a person's own
outside     what a strategy reads besides bars and parameters, or keeps between calls
scaffold    what a new strategy begins with
"""

from vigie.compiled import prepare

prepare()
