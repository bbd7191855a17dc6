"""The demonstration's mailbox and newsstand.

page   the list of mails, one of them, and an article of the simulated newsroom
"""
