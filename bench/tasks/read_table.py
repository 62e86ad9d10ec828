"""The same with pyarrow, or with pandas for CSV: `python read_table.py FILE`, one thread."""
import json
import sys
import time

path = sys.argv[1]
if path.endswith(".csv"):
    import pandas as pd
else:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
started, cpu = time.perf_counter(), time.process_time()
if path.endswith(".csv"):
    table = pd.read_csv(path)
    total = table.select_dtypes("number").sum().sum()
else:
    table = pq.read_table(path, use_threads=False)
    total = sum(pc.sum(column).as_py() for column in table.columns if pa.types.is_floating(column.type) or pa.types.is_integer(column.type))
print(json.dumps({"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "count": len(table)}))
