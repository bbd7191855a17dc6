"""One process that trades one account, from what must be true before its first order to its end.

trading            one process that trades one account
beginning          whether an account goes on with its run or begins a new one
startup            what must be true before the first order
replaying          an account's past, decided afterwards on stored bars
decided_histories  what decisions were made on; corrections told and recorded
lease_acquisition  the right to trade, taken over at once from a process that is proven dead
graceful_stop      what is under way when it is told to stop is led to its end
fees               what the account pays, asked every day
listings           which instruments the venue still trades, and until when
venue_rules        the rules of instruments as they are known now, asked every hour
unbooked_orders    what a run left open at its venue, asked for before another one begins
"""
