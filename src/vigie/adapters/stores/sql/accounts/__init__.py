"""People in the database and what belongs to them.

users        users, their passwords and second factors
authentication  sessions, tokens, failed sign-ins
full_disk    the same on a full disk: what there is no room for is kept in memory
user_data    settings with history, watchlists
boards       boards of the Studio
store        all of it as one store
"""
