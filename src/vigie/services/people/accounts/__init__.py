"""Accounts: how people get in, what they may change, and how they leave.

passwords       what a password must be; hashing and checking
second_factor   codes of an authenticator app, each good once
throttle        failed sign-ins make the next one wait
keys            secrets of sessions and tokens, of which only hashes are kept
signing_in      a name, a password and a code become a session; use moves its end on, up to a bound
users           add, change and disable users; their tokens
account_removal  all data of a person as one document; deletion
"""
