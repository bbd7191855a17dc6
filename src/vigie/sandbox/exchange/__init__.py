"""Simulated venues on loopback that speak the real wire protocols, and the exchange behind them.

The exchange, without any wire:

words           contracts, orders, trades, positions, plans, bills, events
exchange        all desks as one; floor is what they stand on: books, market, memory, listeners
orders          the desk of orders; checks are what it refuses
plans           the desk of levels and of orders that wait for a price
settings        the desk of positions, bills, leverage and modes
house           what happens to accounts from outside, and what goes wrong on purpose
books           the few ways in which money and positions change; records, account hold what there is
memory          one file that survives being killed; rows are its words
grid            exact rounding
matching        what a market is to the exchange
model           the market of the fill model; tracks are its bars, inside is what happens in one
lockstep        steps and acknowledgements that move it
path            the market that moves by itself, along waypoints

The wire:

wire            what every venue's wire has; each has a folder with a module venue that holds WIRE
desk            what every answer is made from; quotes are what is shown of the market, keys are of accounts
session         one client of a stream
bitget          Bitget's v2 REST and streams
binance         Binance's USD-M REST and streams
hyperliquid     Hyperliquid's questions, signed actions and stream
server          both ports; control is the second one, run starts them
on_demand       faults on demand
faults          answers that go wrong on purpose
bitget_history  Bitget's v2 candles, contracts and time
"""
