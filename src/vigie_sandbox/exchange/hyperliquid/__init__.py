"""Hyperliquid's wire of perpetuals, over the simulated exchange.

keccak, curve  the hash and the curve of wallets
packing        what an action is hashed as
signing        wallets, agents, signatures and nonces
limits         weights of an address, actions of an account
errors         the venue's words of what the exchange refuses
listing        a simulated coin as the venue lists it
shapes         how records are written
market         what anybody may ask
account_rows   what an account has, as rows
users          what is asked of an account
orders         orders that arrive, alone and in groups
dead_man_switch  everything that waits, cancelled at a time
actions        what a wallet may have done
topics         what streams tell of the market
pushes         what streams tell of accounts
stream         one client of the stream
venue          a request in, an answer out
"""
