"""Makes clean PMML with sklearn2pmml (JPMML, needs Java) and nyoka, and other XML that lies beside models.

Usage: python pmml_files.py FOLDER. Kinds fall by their name into `seen` and `unseen`.
"""
import pathlib
import sys
import warnings
import zlib

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(5)
frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c d"])
y = (frame["a"] * 2 + 1).rename("y")
c = (y > 1).astype(int).rename("c")


def place(name):
    folder = root / ("seen" if zlib.crc32(name.encode()) % 2 == 0 else "unseen")
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / name)


models = {
    "linear": (LinearRegression(), y), "ridge": (Ridge(), y), "logistic": (LogisticRegression(), c),
    "tree": (DecisionTreeClassifier(max_depth=3), c), "tree-regressor": (DecisionTreeRegressor(max_depth=3), y),
    "forest": (RandomForestClassifier(3, max_depth=2), c), "boosting": (GradientBoostingClassifier(n_estimators=3), c),
    "bayes": (GaussianNB(), c), "svc": (SVC(), c), "mlp": (MLPClassifier((4,), max_iter=20), c), "kmeans": (KMeans(2), None),
}
for name, (model, target) in models.items():
    try:
        from sklearn2pmml import PMMLPipeline, sklearn2pmml

        pipeline = PMMLPipeline([("scale", StandardScaler()), ("model", model)])
        pipeline.fit(frame, target)
        sklearn2pmml(pipeline, place(f"jpmml-{name}.pmml"))
    except Exception as error:
        print("left out jpmml", name, repr(error)[:160])
    try:
        from nyoka import skl_to_pmml

        pipeline = Pipeline([("scale", MinMaxScaler()), ("model", model)])
        pipeline.fit(frame, target)
        skl_to_pmml(pipeline, list(frame.columns), "target", place(f"nyoka-{name}.pmml"))
    except Exception as error:
        print("left out nyoka", name, repr(error)[:160])

try:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import Binarizer, FunctionTransformer, KBinsDiscretizer, PolynomialFeatures, PowerTransformer
    from sklearn2pmml import PMMLPipeline, sklearn2pmml
    from sklearn2pmml.feature_extraction.text import Splitter

    mixed = pd.DataFrame({
        "n": rng.normal(size=60) ** 2, "m": rng.normal(size=60), "k": rng.choice(["x", "y"], 60),
        "t": rng.choice(["one two", "two three"], 60),
    })
    for name, parts in {
        "text": [("n", StandardScaler(), ["n"]), ("k", OneHotEncoder(), ["k"]), ("t", TfidfVectorizer(norm=None, tokenizer=Splitter(), token_pattern=None), "t")],
        "functions": [("n", FunctionTransformer(np.log1p), ["n"]), ("p", PolynomialFeatures(2), ["n", "m"]), ("q", KBinsDiscretizer(3), ["m"]), ("b", Binarizer(threshold=0.5), ["n"]), ("w", PowerTransformer(), ["n"])],
    }.items():
        pipeline = PMMLPipeline([("columns", ColumnTransformer(parts)), ("model", LogisticRegression())])
        pipeline.fit(mixed, c)
        sklearn2pmml(pipeline, place(f"jpmml-{name}.pmml"))
except Exception as error:
    print("left out jpmml columns", repr(error)[:160])
