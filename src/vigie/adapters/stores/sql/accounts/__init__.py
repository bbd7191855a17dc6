"""People in the database and what belongs to them.

people       users, their passwords and second factors
keys         sessions, tokens, failed sign-ins
full_disk    the same on a full disk: what there is no room for is kept in memory
belongings   settings with history, watchlists
boards       boards of the Studio
store        all of it as one store
"""
