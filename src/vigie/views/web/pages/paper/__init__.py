"""Preparing a paper account.

page   what it shows and what its forms do
"""
