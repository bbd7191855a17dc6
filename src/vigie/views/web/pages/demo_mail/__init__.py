"""The demonstration's mailbox.

page   the list of mails, and one of them
"""
