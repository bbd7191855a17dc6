"""The scenes of a demonstration, as our own code finds them.

run     those that every demonstration begins with
setups  a setup from its mail to its trade, and what becomes of others
"""
