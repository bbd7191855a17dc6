"""Signing in and out.

page   the two steps and the way out
"""
