"""Trading accounts: from a run file to orders, and what a person may say to them.

plan        what an account trades, pinned when its run begins
planning    from a run file to a plan
modes       paper, demo, live: what each needs, and what is refused
gateway     what the kernel cannot see: state, missed bars, stale prices
wishes      slots switched off and limits tighter than the plan's, judged by the gateway
chronicle   the account's log in plain words
standing    how an account stands, whether or not anybody trades it
trading     one process that trades one account
flattening  everything closed at once, whoever was trading before
"""
