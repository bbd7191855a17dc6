"""The venues' rules: tick, lot, minimums, margin, fees.

table     the shipped table and files like it
caps      which assets are small caps, and the leverage they may have
refresh   today's rules from the venue
versions  shipped rules and what was learnt later, in the order of time
"""
