"""Services that Apprise speaks; their addresses are secrets.

notifier  opens what sends
schemes   how addresses of these services begin
apprise   what these services may reach, and what their answers mean
"""
