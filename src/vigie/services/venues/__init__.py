"""Accounts at venues: what opens them, and whether they can be traded.

keys   stored, shown without their secrets, refused where they could withdraw
trial  what an account can do, tried step by step
"""
