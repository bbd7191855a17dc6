"""Services that Apprise speaks; their addresses are secrets.

notifier  opens what sends
apprise   a list of services, what they may reach, and what their answers mean
"""
