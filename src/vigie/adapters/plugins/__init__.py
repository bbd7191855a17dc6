"""Plug-ins that do not come with Vigie: found without running them, off until their hash is allowed.

manifest  what a plug-in says about itself
found     the plug-ins of a home and of installed packages
loading   running one from the very bytes that were allowed
sources   sources, which reach the hosts of their manifest only
notifiers channels for alerts
kinds     the kinds of plug-ins and where each lies
scaffold  the files that a new one starts from
checking  what can be said of one before it runs
"""
