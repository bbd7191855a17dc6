"""Copies of a home: made while it runs, checked, put back into either database.

backup          make a copy while the home is in use, and list what is in it
backup_archive  the archive: members, checksums, whole or not there
backup_restore  put a copy back, into either database
backup_programs  which files are programs, and which never come out of a copy
"""
