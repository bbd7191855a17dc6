"""Where things are kept.

files        whole or not there; locks
parquet      bars, quarantine, bookmarks
instruments  versions of the venues' rules
results      the files of one result, all or none
trials       the registry of trials
"""
