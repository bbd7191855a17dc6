"""Trading accounts: from a run file to orders, and what a person may say to them.

account_plans  what an account trades, in which mode, on which bars, and when it is to
run_files      run files changed by their owner: previewed, kept as versions, in effect once the account is flat
log            what an account wrote down: its events, told in plain words and read again
gateway        what the kernel cannot see, judged before an entry is sent
limits         limits of loss: carried over, in force, ended early
process        one process that trades one account, from what must be true before its first order to its end
flattening     everything closed at once, whoever was trading before
accounts       how accounts stand, for pages, streams and metrics
journal        closed trades in full, what a person wrote beside them, and an account beside its own backtest
"""
