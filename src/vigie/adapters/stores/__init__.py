"""Where things are kept.

files        whole or not there; locks
holding      a folder that one process writes to for long
facts        observations and the tables of sources
parquet      bars, quarantine, bookmarks
instruments  versions of the venues' rules
results      the files of one result, all or none
trials       the registry of trials
"""
