"""The mailbox of a reader of newsletters, by IMAP: a small part of RFC 3501, in which nothing is ever changed.

folders  what lies in the mailbox at a time
tokens   a command as its words
fetch_items  what of a letter is asked for
session  the conversation with one client, without any server
server   the server on loopback, which goes wrong where it is told to
"""
