"""Run files of paper and demo accounts, changed by their owner on a page, by a program or with a command.

rendering     values and whole run files as TOML
editing       a person's changes put into the text of a run file; the rest of it stays as it was
file_changes  what a new run file changes, in sentences and as a difference
form_fields   what a form shows of a run file, with bounds and usual values
account_files which file an account is traded from, and whether it may be changed here
versions      where each version stands: waiting, in effect, past, replaced, cancelled, refused
keeping       a change checked as a start checks it, previewed, kept as a version, cancelled
halted        contracts that the venue does not trade as usual, told in the preview of a change
taking_effect the trading process's part: the old run until the account is flat, then the new one
"""
