"""Venues, one folder each with a flat manifest; the folder is the registry.

manifest     reading the manifests
history      public bars over ccxt, shared by the venues
live         streams and tickers over ccxt.pro, shared by the venues
live_client  one ccxt.pro client a venue: connections, questions, answers checked
speech       what differs between venues when they are live
board        what live messages add up to: quotes, and bars once they are finished
ccxt_loader  ccxt's classes, one exchange at a time
envelope     answers to who trades: what is refused, what is unknown
signed       signed questions and orders: sent once, timed by the venue's clock
setup_check  how the account is set before it trades
adopted      an id that was used
contract_names  contracts that the venue renamed
weight_budget  a venue's weight of a minute
rank_queue   whose turn it is where a venue takes no more for a moment
decimals     numbers that venues write as text
private_stream  private streams, whose silence is watched
strict       addresses, checks of every answer, errors by what happens next
bitget       USDT-margined perpetuals
binance      USDT-margined perpetuals, spot
hyperliquid  USDC-margined perpetuals
"""
