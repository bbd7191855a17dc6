"""Executors: where independent pieces of work are computed.

threads  the threads of this process
dask     a Dask cluster: the same chunks, the same answers, other machines
"""
