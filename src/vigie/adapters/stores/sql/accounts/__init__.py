"""People in the database and what belongs to them.

people       users, their passwords and second factors
keys         sessions, tokens, failed sign-ins
belongings   settings with history, watchlists
boards       boards of the Studio
store        all of it as one store
"""
