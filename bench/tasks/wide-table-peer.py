"""KS, Wasserstein distance and PSI (30 bins of equal width) of all columns of two Parquet files, with pyarrow, scipy and NumPy."""
import json
import sys
import time

import numpy as np
import pyarrow.parquet as pq
from scipy import stats

start = (time.perf_counter(), time.process_time())
reference, current = (pq.read_table(path) for path in sys.argv[1:3])
read = time.process_time() - start[1]
worst = 0.0
for name in reference.column_names:
    x, y = (table[name].to_numpy() for table in (reference, current))
    ks = stats.ks_2samp(x, y, method="asymp").statistic
    stats.wasserstein_distance(x, y)
    edges = np.histogram_bin_edges(np.concatenate([x, y]), 30)
    p, q = (np.histogram(values, edges)[0] / len(values) + 1e-9 for values in (x, y))
    float(((p - q) * np.log(p / q)).sum())
    worst = max(worst, ks)
print(json.dumps({"wall": time.perf_counter() - start[0], "cpu": time.process_time() - start[1], "read": read, "worst": worst}))
