"""Where things are kept.

files        whole or not there; locks
process_locks  a folder or a file that one process has for long
lease_marks  who holds the right to trade, so that it can be proven dead
presence     who uses a home, so that nobody takes it away under them
disk_space   how much is left on the disk
facts        observations and the tables of sources
sql          everything with identity: people, jobs, quotes, audit, documents
mongo        raw documents in MongoDB, in place of the database
plain_json   plain values as JSON that every database takes
keys         the home's own secrets
venue_keys   keys of accounts at venues, encrypted
parquet      bars, quarantine, receipts, bookmarks
instruments  versions of the venues' rules
file_cache   files read once, as long as they stay the same
results      the files of one result, all or none
trials       the registry of trials
programs     which programs of a home may run unattended
program_folders  a folder of code as one content, with one hash
trial_histories  which history a series is of, which look a span is
trial_lines  noted trials as lines of a file
"""
