"""What an account wrote down: its events, told in plain words and read again.

event_log            the account's log in plain words
holding              what an account holds or is about to hold
replay_cache         logs folded now and then and kept in the home, for commands and pages
account_view         the log as pages tell it: the fold, and equity over time
trading_events       what happened beside its trades, from the audit chain
trading_event_texts  what that is called, how grave it is and what to do
event_reporting      what that process says: one line for each new event
venue_stops          where stops stand at the venue, where that is elsewhere than decided
exporting            an account as files of lines
"""
