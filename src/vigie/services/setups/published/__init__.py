"""The record for others: what anybody can check without Vigie, and without trusting who publishes it.

packing    makes page and ZIP of the setups of some accounts, without anything personal
page       the static page

The program that checks it is `verify_program.txt`: it goes into the ZIP as ``verify.py`` and needs Python alone.
"""
