"""News between the stores and the steps of reading.

reading     the runner of steps: what waits is read, stored, told to the rules of alerts
window      what was seen before an item, as it was known then
publishers  what is known of a source without reading it
shown       an item as pages, programs and the command line show it
"""
