"""Simulated venues on loopback that speak the real wire protocols, and the exchange behind them.

core            the exchange, without any wire: accounts, orders, plans, positions, books, memory
matchers        who decides what trades: a market of bars in step with a host, or one that moves by itself

What every wire has, and nothing of one venue:

wire            questions, refusals, clients and faults; each venue's folder has a module venue that holds WIRE
venue_context   what every answer is made from; quotes are what the market knows, keys are of accounts
trade_tape      what everybody has traded; positioning is what is said of everybody together
display         what is shown of prices, also under faults
renames         contracts under new names
contracts       contracts from the rules of instruments
session         one client of a stream
windows         how much was counted of late, for every limit
faults          faults on demand
server          both ports; control is the second one, control_json its bodies, run starts them

A folder a venue:

bitget          Bitget's v2 REST and streams
binance         Binance's USD-M REST and streams
hyperliquid     Hyperliquid's questions, signed actions and stream
"""
