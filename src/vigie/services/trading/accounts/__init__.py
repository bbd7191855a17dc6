"""How accounts stand, for pages, streams and metrics.

account_status   how an account stands, whether a process trades it now, how far stop and liquidation are
account_metrics  the same for those who watch from outside
account_rows     the rows of an account's tables
missing_others   bars that strategies compare with and that are missing
unmanaged        what an account holds that is not let begin
figures          positions at present prices, days, strategies, slots, limits
entry_pauses     weeks in which a limit of the whole account refused entries, in sentences
live_rows        what the stream tells of accounts
present_account  an account as it stands, copied to try entries in
"""
