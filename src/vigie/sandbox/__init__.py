"""The former place of `vigie_sandbox`: import names that documents once gave keep working.

market   the generator of markets
world    the simulated world and its server

Nothing of Vigie imports from here.
"""
