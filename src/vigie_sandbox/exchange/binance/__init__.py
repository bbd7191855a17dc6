"""Binance's wire of USD-M futures, over the simulated exchange.

envelope   questions, answers and refusals
errors     the venue's codes of what the exchange and faults refuse
signing    keys, signatures and the time window
limits     weights a minute, orders, and bans
routes     the endpoints
shapes     how records are written in REST answers
client_ids  client ids, which are unique among open orders only
public     market data over REST
accounts   money, positions, leverage, modes, rights and income
wallets    transfers, deposits and withdrawals
orders     orders, lists and fills
algos      orders that wait for a price: a service of their own
listen_keys  listen keys of user data streams
stream     one client of a stream
topics     what market streams tell
pushes     what user data streams tell
venue      a request in, an answer out
"""
