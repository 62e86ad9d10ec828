"""The same amount of work with cleanlab: `python label_issues.py ROWS CLASSES`, one process."""
import json
import sys
import time

import numpy as np
from cleanlab.filter import find_label_issues

rows, classes = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(1)
likely = rng.integers(0, classes, rows)
values = rng.exponential(size=(rows, classes))
values[np.arange(rows), likely] += 3 * rng.random(rows)
values /= values.sum(axis=1, keepdims=True)
labels = np.where(rng.random(rows) < 0.1, rng.integers(0, classes, rows), likely)

started, cpu = time.perf_counter(), time.process_time()
flagged = int(find_label_issues(labels, values, n_jobs=1).sum())
print(json.dumps({"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "count": rows, "flagged": flagged}))
