"""Writes DIR/reference.parquet and DIR/current.parquet: ROWS x 20 numeric columns (normal, log-normal, Student t with 3 degrees of
freedom, rounded, zero-inflated), as pyarrow writes them by default (Snappy, dictionaries); the current ones a little shifted.

`python wide-table.py DIR ROWS`"""
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

folder, rows = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(20261122)


def column(index, shift):
    kind = index % 5
    if kind == 0:
        return rng.normal(shift, 1, rows)
    if kind == 1:
        return rng.lognormal(shift, 1, rows)
    if kind == 2:
        return rng.standard_t(3, rows) + shift
    if kind == 3:
        return np.round(rng.normal(shift, 3, rows))
    return np.where(rng.random(rows) < 0.7, 0.0, rng.exponential(1 + shift, rows))


for name, shift in (("reference", 0.0), ("current", 0.02)):
    table = pa.table({f"c{index:02d}": column(index, shift) for index in range(20)})
    pq.write_table(table, f"{folder}/{name}.parquet", row_group_size=131072)
