"""The programs' door: every operation as a route under ``/api/v1``.

routes    operations to routes: input, result, ETag, limits
exports   a table as CSV, JSON, XLSX or Parquet
problems  errors as problem+json
limits    how many requests a caller has left
"""
