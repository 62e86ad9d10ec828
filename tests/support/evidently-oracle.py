"""Scores of Evidently's DataDriftPreset for frames that come as JSON on standard input; prints JSON.

One line in, one line out: {"reference": [column...], "current": [...]} -> {"count", "share", "columns": {name: {...}}}.
"""
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import pandas as pd
import pandas.core.dtypes.common as dtypes

# Evidently 0.7.23 asks pandas for a helper that pandas 3 no longer has; its statistics do not use it.
if not hasattr(dtypes, "infer_dtype_from_object"):
    dtypes.infer_dtype_from_object = lambda dtype: np.dtype(dtype).type

from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def series(column):
    values = column["values"]
    if column["kind"] == "text":
        return pd.Series(values, dtype="str")
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    stored = column["stored"]
    if stored == "boolean":
        return pd.Series(numbers == 1)
    return pd.Series(numbers.astype("int64") if stored == "int64" else numbers)


def frame(columns):
    return pd.DataFrame({column["name"]: series(column) for column in columns})


def scores(case):
    reference, current = frame(case["reference"]), frame(case["current"])
    sides = [Dataset.from_pandas(side, DataDefinition()) for side in (current, reference)]
    total, *columns = Report([DataDriftPreset()]).run(*sides).dict()["metrics"]
    return {
        "count": float(total["value"]["count"]),
        "share": float(total["value"]["share"]),
        "columns": {
            one["config"]["column"]: {
                "test": one["config"]["method"],
                "threshold": one["config"]["threshold"],
                "score": float(one["value"]),
            }
            for one in columns
        },
    }


for line in sys.stdin:
    print(json.dumps(scores(json.loads(line))), flush=True)
