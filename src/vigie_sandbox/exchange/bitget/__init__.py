"""Bitget's v2 wire of USDT perpetuals, over the simulated exchange.

envelope   questions, answers and refusals
signing    keys, signatures, logins and the time window
limits     requests a second and a minute
routes     the endpoints
errors     the venue's codes of what the exchange refuses
shapes     how records are written in REST answers
public     market data over REST
accounts   money, leverage, modes and bills
wallets    transfers, deposits and withdrawals
orders     orders, lists and fills
plans      orders that wait for a price
positions  positions, and closing them
paging     lists by pages
venue      a request in, an answer out
stream     one client of a stream
topics     what public channels push
pushes     what private channels push
history    candles, contracts and time from bars in memory, without an exchange; faults are its wrong answers
"""
