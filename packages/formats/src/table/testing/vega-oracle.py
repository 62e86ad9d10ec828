"""Freezes what pandas reads from the tables of npm vega-datasets: python vega-oracle.py DATA > vega.json

For each file: rows, and for each column the count of missing values and, of numbers, the sum.
"""
import json
import sys
from pathlib import Path

import pandas as pd

ARRAYS = ['barley', 'cars', 'countries', 'driving', 'flights-2k', 'jobs', 'movies', 'penguins', 'seattle', 'stocks', 'wheat', 'population', 'unemployment-across-industries']
data = Path(sys.argv[1])
result = {}
for path in sorted(data.iterdir()):
    if path.suffix in ('.csv', '.tsv'):
        frame = pd.read_csv(path, sep='\t' if path.suffix == '.tsv' else ',', low_memory=False)
    elif path.suffix == '.json' and path.stem in ARRAYS:
        frame = pd.read_json(path, orient='records', dtype=False)
    else:
        continue
    columns = {}
    for name in frame.columns:
        column = frame[name]
        entry = {'missing': int(column.isna().sum())}
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            entry['sum'] = float(column.sum())
        columns[name] = entry
    result[path.name] = {'rows': len(frame), 'columns': columns}
json.dump(result, sys.stdout, indent=None, separators=(',', ':'))
print()
