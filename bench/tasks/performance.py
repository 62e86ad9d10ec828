"""Data that PyPI nannyml carries, cut into chunks of 5,000 rows, with its own CBPE estimate of each.

`python performance.py DIR` writes DIR/NAME.{reference,chunk}.npy (features, then probability, prediction, label) and prints, a line
a set, `{"name", "chunk", "estimates": [accuracy, auroc]...}`. Ids and time are left out of the features: a model never saw them."""
import json
import os
import sys

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml as nml
import numpy as np
import pandas as pd

CHUNK = 5000
SETS = {
    "employment": (nml.load_us_census_ma_employment_data, "id", "predicted_probability", "prediction", "employed", ["id", "year"]),
    "car loan": (nml.load_synthetic_car_loan_dataset, "id", "y_pred_proba", "y_pred", "repaid", ["id", "timestamp"]),
    "housing": (nml.load_modified_california_housing_dataset, "id", "y_pred_proba", "y_pred", "clf_target", ["id", "identifier", "timestamp", "partition"]),
}
folder = sys.argv[1]
for name, (load, key, proba, predicted, target, out) in SETS.items():
    reference, analysis, labels = load()
    key = next(c for c in (key, "identifier", "id") if c in analysis.columns and c in labels.columns)
    analysis = analysis.merge(labels[[key, target]].drop_duplicates(key), on=key)
    size = CHUNK if len(analysis) > 40000 else 500
    estimator = nml.CBPE(problem_type="classification_binary", y_pred_proba=proba, y_pred=predicted, y_true=target,
                         metrics=["accuracy", "roc_auc"], chunk_size=size)
    estimator.fit(reference)
    result = estimator.estimate(analysis.drop(columns=[target])).filter(period="analysis").to_df()
    features = [c for c in reference.columns if c not in (proba, predicted, target, *out)]
    both = pd.concat([reference, analysis])
    columns = [pd.factorize(both[c], sort=True)[0].astype(float) if both[c].dtype.kind not in "fiub" else both[c].astype(float).fillna(-1) for c in features]
    matrix = np.column_stack([*columns, both[proba], both[predicted], both[target]]).astype(np.float64)
    np.save(f"{folder}/{name}.reference.npy", matrix[: len(reference)])
    np.save(f"{folder}/{name}.analysis.npy", matrix[len(reference):])
    estimates = result[[("accuracy", "value"), ("roc_auc", "value")]].to_numpy().tolist()
    print(json.dumps({"name": name, "chunk": size, "columns": features, "estimates": estimates}), flush=True)
