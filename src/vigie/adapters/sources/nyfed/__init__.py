"""The New York Fed's reference rates of the dollar.

source  the effective federal funds rate and the range it is steered into
"""
