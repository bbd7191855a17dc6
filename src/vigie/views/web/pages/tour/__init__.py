"""The tour on one page.

page     five steps, each with a picture and the way to the real part
charts   those pictures, drawn of what the parts show now
"""
