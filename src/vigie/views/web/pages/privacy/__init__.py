"""What is kept of people, and the cookies.

page   what it shows and what its forms do
"""
