"""The exchange without any wire: what accounts may do, and what becomes of their money and positions.

entities        contracts, orders, trades, positions, plans, bills, events
exchange        all desks as one; exchange_core is what they stand on: books, market, journal, listeners
orders          the desk of orders; checks are what it refuses
plans           the desk of levels and of orders that wait for a price
account_settings  the desk of positions, bills, leverage and modes
wallets         the desk of money that is not traded; moves are its words
exchange_state  what happens to accounts from outside, and what goes wrong on purpose
ledger          the few ways in which money and positions change; records, account hold what there is
journal         one file that survives being killed; rows are its words
grid            exact rounding
matching        what a market is to the exchange
"""
