# Trains one small classifier and saves it for a server: `train_iris.py mlflow|mlserver FOLDER`.
import json
import pathlib
import sys

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

server, folder = sys.argv[1], pathlib.Path(sys.argv[2])
flowers = load_iris(as_frame=True)

if server == "mlflow":
    import mlflow.pyfunc

    class Flowers(mlflow.pyfunc.PythonModel):
        """Takes whatever MLflow makes of a body: a table, rows, or arrays by name."""

        def __init__(self, classifier):
            self.classifier = classifier

        def predict(self, context, model_input, params=None):
            import numpy
            import pandas

            rows = pandas.DataFrame(model_input) if isinstance(model_input, dict) else model_input
            return self.classifier.predict(numpy.asarray(rows, dtype=float))

    classifier = LogisticRegression(max_iter=500).fit(flowers.data.to_numpy(), flowers.target)
    mlflow.pyfunc.save_model(str(folder), python_model=Flowers(classifier))
else:
    import joblib

    folder.mkdir(parents=True)
    joblib.dump(LogisticRegression(max_iter=500).fit(flowers.data.to_numpy(), flowers.target), folder / "model.joblib")
    settings = {
        "name": "iris",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib", "version": "v1"},
    }
    (folder / "model-settings.json").write_text(json.dumps(settings))
