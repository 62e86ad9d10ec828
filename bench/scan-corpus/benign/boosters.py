"""XGBoost, LightGBM and CatBoost models in all forms they save."""

import pathlib
import pickle
import tempfile

from . import dumped


def make(corpus):
    import warnings

    warnings.simplefilter("ignore")
    corpus.run([xgboost_files, lightgbm_files, catboost_files])


def data():
    import numpy

    draw = numpy.random.default_rng(4)
    x = draw.normal(size=(120, 5))
    return x, (x[:, 0] + x[:, 1] > 0).astype(int), numpy.arange(120) % 3


def saved(corpus, kind, save, names):
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = pathlib.Path(folder, name)
            save(str(path))
            corpus.benign(kind, name.replace(".", "-"), {name: path.read_bytes()})


def xgboost_files(corpus):
    import joblib
    import xgboost

    x, y, z = data()
    binary = xgboost.XGBClassifier(n_estimators=5, max_depth=3).fit(x, y)
    many = xgboost.XGBClassifier(n_estimators=3).fit(x, z)
    linear = xgboost.train({"booster": "gblinear", "objective": "reg:squarederror"}, xgboost.DMatrix(x, y), 3)
    dart = xgboost.train({"booster": "dart", "eval_metric": "logloss", "objective": "binary:logistic"}, xgboost.DMatrix(x, y, feature_names=[f"größe_{i}" for i in range(5)]), 4)
    ranker = xgboost.XGBRanker(n_estimators=2).fit(x, y, group=[60, 60])
    for name, model in (("binary", binary), ("many", many), ("linear", linear), ("dart", dart), ("ranker", ranker)):
        saved(corpus, "xgboost", model.save_model, [f"{name}.json", f"{name}.ubj"])
        corpus.benign("xgboost", f"{name}-pickle", {f"{name}.pkl": pickle.dumps(model)})
    corpus.benign("xgboost", "joblib", {"model.joblib": dumped(joblib.dump, binary, compress=3)})
    corpus.benign("xgboost", "dump", {"dump.txt": "\n".join(binary.get_booster().get_dump(with_stats=True))})


def lightgbm_files(corpus):
    import joblib
    import lightgbm
    import pandas

    x, y, z = data()
    quiet = {"verbose": -1, "min_data_in_leaf": 5}
    frame = pandas.DataFrame(x, columns=list("abcde")).assign(c=pandas.Categorical(["u", "v"] * 60))
    models = {"binary": lightgbm.LGBMClassifier(n_estimators=4, **quiet).fit(x, y), "many": lightgbm.LGBMClassifier(n_estimators=3, **quiet).fit(x, z),
              "categorical": lightgbm.LGBMRegressor(n_estimators=3, **quiet).fit(frame, y), "linear-tree": lightgbm.LGBMRegressor(n_estimators=2, linear_tree=True, **quiet).fit(x, x[:, 0])}  # fmt: skip
    for name, model in models.items():
        saved(corpus, "lightgbm", model.booster_.save_model, [f"{name}.txt"])
        corpus.benign("lightgbm", f"{name}-pickle", {f"{name}.pkl": pickle.dumps(model)})
        corpus.benign("lightgbm", f"{name}-joblib", {f"{name}.joblib": dumped(joblib.dump, model.booster_)})


def catboost_files(corpus):
    import catboost

    x, y, _ = data()
    model = catboost.CatBoostClassifier(iterations=5, verbose=False, allow_writing_files=False).fit(x, y)
    with tempfile.TemporaryDirectory() as folder:
        for form in ("cbm", "json", "onnx", "pmml"):
            path = pathlib.Path(folder, f"model.{form}")
            model.save_model(str(path), format=form)
            corpus.benign("catboost", form, {path.name: path.read_bytes()})
    corpus.benign("catboost", "pickle", {"catboost.pkl": pickle.dumps(model)})
