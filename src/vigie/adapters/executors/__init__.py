"""Executors: this machine's threads, or a Dask cluster."""
