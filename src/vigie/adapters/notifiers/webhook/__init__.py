"""Signed requests to an address that somebody gave.

notifier  opens what posts
webhook   the request and its signature, after the Standard Webhooks
"""
