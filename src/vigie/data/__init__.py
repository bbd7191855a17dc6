"""Bars and facts at rest and in motion.

frames       the columns and types of a frame of bars, and the way to arrays
stores       what this wing needs from outside, in one record
intake       files of others: names, headers, times, rows
quality      good rows, bad rows with a reason, findings
row_faults   what is wrong with a row, with a code
importer     files in, bars stored
previews     files as they are understood, before anything is stored
undoing      imports taken back
history      bars out of the store, as arrays
live_history bars up to now, for who trades
decided_bars the same as decisions saw them: what is corrected later is told and changes nothing
ended_bars   the bar that ended, the venue's own where it is on its way
boundaries   where bars begin, numbered
live_feed    stored bars and quotes as instants to trade on
past_feed    stored bars as the instants of a run in the past
feed_timing  how long a feed waits, and what a venue's own time is meanwhile
live_feed_venue  the same gathered from the account's own venue
stream_reader  a stream, until it ends or says nothing for long
pushed_bars  bars as a stream pushes them, given out once they are final
catalog      which assets there are
bar_reader   histories that are read again and again, in memory
request_memo what one request reads once, however many of its parts ask for it
resample     1m to any; whole bars only
agreement    where resampled and native bars of a venue differ
collector    bars from a venue's public history, page by page
collection   live data: what is asked when, and where it is put
status       what is stored, and how complete
check        a second look at stored bars
asof         what was known at each bar's close
features     series of facts as features of bars, by name
other_closes  closes of other instruments as features of bars
feature_columns  columns of models as features of bars
feature_names    which features a strategy's file reads
decided_features  features as decisions saw them
export       stored bars as files
funding      funding rates and mark prices from files
instruments  the venues' rules: shipped table, refreshed versions, files
"""
