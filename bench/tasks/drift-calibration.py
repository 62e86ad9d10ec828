"""How often SciPy's KS test at 0.05 and fixed distance thresholds at 0.1 call drift on the draws that come on standard input.

Arguments: rows of the reference, rows of the current. Input: float64 pairs, one after the other. Prints JSON counts.
"""
import json
import sys

import numpy as np
from scipy import stats
from scipy.spatial import distance

before, now = int(sys.argv[1]), int(sys.argv[2])
values = np.frombuffer(sys.stdin.buffer.read(), dtype="<f8").reshape(-1, before + now)
hits = {"ks": 0, "wasserstein": 0, "jensenShannon": 0, "psi": 0}
for row in values:
    reference, current = row[:before], row[before:]
    hits["ks"] += stats.ks_2samp(reference, current).pvalue < 0.05
    hits["wasserstein"] += stats.wasserstein_distance(reference, current) / max(reference.std(), 0.001) >= 0.1
    edges = np.histogram_bin_edges(row, bins="sturges")
    p, q = np.histogram(reference, edges)[0] / before, np.histogram(current, edges)[0] / now
    hits["jensenShannon"] += distance.jensenshannon(p, q) >= 0.1
    filled = [np.where(side == 0, 1e-4, side) for side in (p, q)]
    hits["psi"] += np.sum((filled[0] - filled[1]) * np.log(filled[0] / filled[1])) >= 0.1
print(json.dumps({"n": len(values), **{name: int(count) for name, count in hits.items()}}))
