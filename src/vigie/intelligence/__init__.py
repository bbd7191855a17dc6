"""What facts mean: numbers in, typed answers with their reasons out; no file, no network, no clock.

addresses  addresses of coins: read, checked, derived from public keys
alerts  which rules an event is for, and whether it is told now
holdings  lots, gains, worth, returns and two countries' taxes from events
news    what items say, about whom, and how far they can be believed
setups  what becomes of a signal, close by close
valuation  stretched or depressed against an asset's own past, and what followed
market  one asset, the whole market, and what to look at first
"""
