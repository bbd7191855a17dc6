"""Plug-ins that do not come with Vigie: found without running them, off until their hash is allowed.

manifest  what a plug-in says about itself
content   one with its files, as they were hashed
conflicts names that are taken
found     the plug-ins of a home and of installed packages
loading   running one from the very bytes that were allowed
strategies  strategies, whose allowed file is copied
sources   sources, which reach the hosts of their manifest only
notifiers channels for alerts
kinds     the kinds of plug-ins and where each lies
simulated  what answers in place of the real service
scaffold  the files that a new one starts from
checking  the contract of each kind, asked of an allowed one
"""
