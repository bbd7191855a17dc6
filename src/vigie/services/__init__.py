"""What a person or agent may ask or order, one topic a file; each function is an operation.

data               bars: import, fetch, status, check, export, load; instruments' rules
backtest           plan a backtest and run it
identity           what makes two runs of the same data, and two trials the same trial
price_grid         tick and lot of a file of bars that comes without them
requests           from a run file and options to a request
shortfalls         what a run could not do: broken strategies of one's own, too few bars
results            finished runs: keep them, find them, compare them
counting           how often bars were looked at from Python
run_result         what a backtest from Python gives, computed when it is asked for
explain            why there was a trade or none; what differs between two runs
signals            the last closed bars: which slots say long, short, or nearly so
signal_reading     one signal out of a slot's run
strategies         list, describe, check, begin a new one
strategy_contract  the contract of a strategy, check by check
sweeps             run a sweep, go on after a kill, keep what it found
search_results     what a search from Python gives, computed when it is asked for
walk_forwards      run walk-forward and cross-validation
demo               all strategies, with nothing set up
demo_world         the home of the simulated world, filled by jobs
parts              the processes of a running Vigie: started, watched, stopped together
first_run          a second process compiles the figures while the first compiles the kernel
doctor             is this machine fit to run Vigie, and if not, what cures it
bug_bundle         what a bug report needs in one zip, without secrets or names
accounts           how people get in, what they may change, how they leave
asking             the way every door takes to an operation
operation          what an operation is, and the registry of all
gauge              the numbers of every asset, kept until their bars change
histories          which bars of an asset are shown: of which place, how long, how fine
chart_lines        indicators chosen by words, as lines over or below the price
asset_facts        what sources say of one asset beside its price
series             any series: what it is, and its values as known at an instant
formula_lines      formulas over stored series
perpetuals         perpetuals across venues, in numbers that can be compared
orders             what is ordered of a backtest or a sweep from a page or a program
keeping            how long things are kept, how large they are and will be
watchlist_files    watchlists as CSV: rows to write, and what a file would change
secret_words       words that nobody guesses
ownership          whose things a caller sees
run_pages          what the page of a run shows beside its files
slots              slots that somebody has switched on
trash              removed results, and taking that back
worker             takes jobs from the queue and watches them being done
hand               the process that computes for a worker
work               the kinds of jobs, one a file
house              everything an operation may reach
desk               the operations, one topic a file
"""
