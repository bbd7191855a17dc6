"""The contract of a strategy, check by check, on simulated and stored bars.

samples     the histories it is judged on
findings    the records: one finding a check, one report a strategy
form_checks  it runs everywhere, shapes and types, unknown values, parameters
time_checks  look-ahead, repainting, hidden memory, warm-up
hindsight   dates that are written into the file
verify      all checks in order
"""
