"""Makes clean models of gradient boosting libraries: XGBoost (JSON, UBJSON, old binary), LightGBM (text), CatBoost.

Usage: python tree_files.py FOLDER. Every file is what the library itself writes; kinds fall by their name into `seen` and `unseen`,
and only the first were looked at while the rules were written.
"""
import pathlib
import sys
import zlib

import numpy as np

root = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(7)
N, D = 120, 5
X = rng.normal(size=(N, D)).astype(np.float32)
X[rng.random(X.shape) < 0.05] = np.nan
y = rng.normal(size=N)
pos = np.abs(y) + 0.1
binary = (y > 0).astype(int)
classes = rng.integers(0, 3, size=N)
counts = rng.poisson(2.0, size=N)
group = np.full(12, 10)
qid = np.repeat(np.arange(12), 10)


def place(library, name):
    folder = root / library / ("seen" if zlib.crc32(name.encode()) % 2 == 0 else "unseen")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def attempt(name, make):
    try:
        make()
    except Exception as error:  # one objective that a version lacks must not end the rest
        print("left out", name, repr(error)[:160])


def xgboost_models():
    import xgboost as xgb

    version = xgb.__version__
    objectives = {
        "reg:squarederror": y, "reg:squaredlogerror": pos, "reg:logistic": binary, "reg:pseudohubererror": y,
        "reg:absoluteerror": y, "reg:gamma": pos, "reg:tweedie": pos, "binary:logistic": binary,
        "binary:logitraw": binary, "binary:hinge": binary, "count:poisson": counts, "survival:cox": pos,
        "multi:softmax": classes, "multi:softprob": classes, "rank:pairwise": counts, "rank:ndcg": counts,
        "rank:map": binary, "reg:quantileerror": y, "survival:aft": pos,
    }

    def train(name, label, params, rounds=4, data=X, categorical=False, **matrix):
        def make():
            import pandas as pd

            extra = dict(matrix)
            source = data
            if categorical:
                source = pd.DataFrame(np.nan_to_num(data), columns=[f"f {i}" for i in range(D)])
                source["c"] = pd.Categorical(rng.choice(list("abcd"), size=N))
                extra["enable_categorical"] = True
            d = xgb.DMatrix(source, label=label, **extra)
            if params.get("objective") == "survival:aft":
                d.set_float_info("label_lower_bound", pos)
                d.set_float_info("label_upper_bound", pos + 1)
            if str(params.get("objective", "")).startswith("rank"):
                d.set_group(group)
            booster = xgb.train({"max_depth": 3, "verbosity": 0, **params}, d, num_boost_round=rounds)
            booster.set_attr(best_iteration="3", best_score="0.5", note="made by hand")
            base = name.replace(":", "_")
            booster.save_model(place("xgboost", f"{version}-{base}.json"))
            booster.save_model(place("xgboost", f"{version}-{base}.ubj"))

        attempt(name, make)

    for name, label in objectives.items():
        extra = {"num_class": 3} if name.startswith("multi") else {}
        if name == "reg:quantileerror":
            extra = {"quantile_alpha": [0.1, 0.5, 0.9]}
        train(name, label, {"objective": name, **extra})
    train("dart", binary, {"booster": "dart", "rate_drop": 0.3, "objective": "binary:logistic"})
    train("gblinear", binary, {"booster": "gblinear", "objective": "binary:logistic"}, data=np.nan_to_num(X))
    train("gblinear-multi", classes, {"booster": "gblinear", "objective": "multi:softprob", "num_class": 3}, data=np.nan_to_num(X))
    train("forest", y, {"num_parallel_tree": 5, "subsample": 0.5, "colsample_bynode": 0.5}, rounds=1)
    train("stump", y, {"max_depth": 0, "max_leaves": 2, "grow_policy": "lossguide", "tree_method": "hist"})
    train("constant", np.ones(N), {}, rounds=1)
    train("deep", y, {"max_depth": 10}, rounds=40)
    train("none", y, {}, rounds=0)
    train("categorical", binary, {"objective": "binary:logistic", "tree_method": "hist", "max_cat_to_onehot": 1}, categorical=True)
    train("categorical-onehot", y, {"tree_method": "hist", "max_cat_to_onehot": 10}, categorical=True)
    train("monotone", y, {"monotone_constraints": "(1,0,-1,0,0)", "interaction_constraints": "[[0,1],[2,3,4]]"})
    train("names", y, {}, feature_names=["a", "b", "naïve", "длина", "e f"], feature_types=["float", "q", "int", "i", "float"])
    train("eval", binary, {"objective": "binary:logistic", "eval_metric": ["auc", "error@0.7", "logloss"], "scale_pos_weight": 3})
    train("approx", y, {"tree_method": "approx", "max_bin": 16})
    train("gpu-names", y, {"nthread": 1, "seed": 3, "base_score": 0.3})

    def multi_output():
        d = xgb.DMatrix(X, label=np.stack([y, pos], axis=1))
        for strategy in ("one_output_per_tree", "multi_output_tree"):
            booster = xgb.train({"multi_strategy": strategy, "tree_method": "hist"}, d, num_boost_round=3)
            booster.save_model(place("xgboost", f"{version}-{strategy}.json"))
            booster.save_model(place("xgboost", f"{version}-{strategy}.ubj"))

    attempt("multi output", multi_output)

    def through_sklearn():
        for cls, label, more in (
            (xgb.XGBClassifier, binary, {}), (xgb.XGBClassifier, classes, {}), (xgb.XGBRegressor, y, {}),
            (xgb.XGBRFClassifier, binary, {}), (xgb.XGBRFRegressor, y, {}), (xgb.XGBRanker, counts, {"qid": qid}),
        ):
            model = cls(n_estimators=3, max_depth=2).fit(np.nan_to_num(X), label, **more)
            base = f"{version}-{cls.__name__}-{len(set(label.tolist()))}"
            model.save_model(place("xgboost", f"{base}.json"))
            model.save_model(place("xgboost", f"{base}.ubj"))

    attempt("scikit-learn", through_sklearn)

    def custom():
        d = xgb.DMatrix(X, label=y)
        booster = xgb.train({}, d, 3, obj=lambda p, m: (p - m.get_label(), np.ones(N)))
        booster.save_model(place("xgboost", f"{version}-custom.json"))
        booster.save_model(place("xgboost", f"{version}-custom.ubj"))
        sliced = xgb.train({"max_depth": 2}, d, 6)[1:4]
        sliced.save_model(place("xgboost", f"{version}-slice.json"))
        xgb.train({}, d, 3).save_config()

    attempt("custom", custom)

    def dumps():
        d = xgb.DMatrix(X, label=y)
        booster = xgb.train({"max_depth": 2}, d, 2)
        booster.dump_model(place("xgboost", f"{version}-dump.json"), dump_format="json")
        booster.dump_model(place("xgboost", f"{version}-dump.txt"))
        place("xgboost", f"{version}-config.json").write_text(booster.save_config())

    attempt("dumps", dumps)
    if version.startswith("1."):
        booster = xgb.train({"max_depth": 2}, xgb.DMatrix(X, label=y), 2)
        booster.save_model(str(place("xgboost", f"{version}-old.deprecated")))


def lightgbm_models():
    import lightgbm as lgb
    import pandas as pd

    version = lgb.__version__
    objectives = {
        "regression": y, "regression_l1": y, "huber": y, "fair": y, "poisson": counts, "quantile": y, "mape": pos,
        "gamma": pos, "tweedie": pos, "binary": binary, "multiclass": classes, "multiclassova": classes,
        "cross_entropy": binary.astype(float), "cross_entropy_lambda": binary.astype(float), "lambdarank": counts,
        "rank_xendcg": counts,
    }

    def save(booster, name):
        booster.save_model(str(place("lightgbm", f"{version}-{name}.txt")))

    def train(name, label, params, rounds=4, data=X, **more):
        def make():
            extra = dict(more)
            if params.get("objective") in ("lambdarank", "rank_xendcg"):
                extra["group"] = group
            d = lgb.Dataset(data, label=label, **extra)
            save(lgb.train({"verbosity": -1, "num_leaves": 7, "min_data_in_leaf": 3, **params}, d, rounds), name)

        attempt(name, make)

    for name, label in objectives.items():
        train(name, label, {"objective": name, **({"num_class": 3} if name.startswith("multi") else {})})
    train("dart", binary, {"boosting": "dart", "objective": "binary"})
    train("rf", binary, {"boosting": "rf", "objective": "binary", "bagging_freq": 1, "bagging_fraction": 0.6})
    train("goss", binary, {"boosting": "goss", "objective": "binary"})
    train("linear", y, {"linear_tree": True}, data=np.nan_to_num(X))
    train("categorical", y, {}, data=np.column_stack([X, classes]), categorical_feature=[5])
    train("categorical-large", y, {"min_data_per_group": 2, "cat_smooth": 1}, data=np.column_stack([X, rng.integers(0, 90, N)]), categorical_feature=[5], rounds=8)
    train("constant", np.ones(N), {})
    train("names", y, {}, feature_name=["a", "b", "naive", "d_e", "длина"])
    train("monotone", y, {"monotone_constraints": [1, 0, -1, 0, 0], "monotone_constraints_method": "advanced"})
    train("interaction", y, {"interaction_constraints": [[0, 1], [2, 3]], "path_smooth": 1.0, "extra_trees": True})
    train("metrics", binary, {"objective": "binary", "metric": ["auc", "binary_error"], "is_unbalance": True})
    train("deep", y, {"num_leaves": 63, "min_data_in_leaf": 1}, rounds=30)
    train("quantized", y, {"use_quantized_grad": True})
    train("zero-rounds", y, {}, rounds=0)
    train("outputs", y, {"output_model": "model.txt", "snapshot_freq": 10})

    def frames():
        frame = pd.DataFrame(np.nan_to_num(X), columns=list("abcde"))
        frame["colour"] = pd.Categorical(rng.choice(["red", "green", "blue"], size=N))
        frame["size"] = pd.Categorical(rng.choice([1, 2, 3], size=N))
        save(lgb.train({"verbosity": -1, "min_data_in_leaf": 3}, lgb.Dataset(frame, label=y), 3), "pandas")
        for cls, label in ((lgb.LGBMClassifier, binary), (lgb.LGBMClassifier, classes), (lgb.LGBMRegressor, y)):
            model = cls(n_estimators=3, verbosity=-1, num_leaves=5).fit(np.nan_to_num(X), label)
            save(model.booster_, f"{cls.__name__}-{len(set(label.tolist()))}")
        ranker = lgb.LGBMRanker(n_estimators=3, verbosity=-1).fit(np.nan_to_num(X), counts, group=group)
        save(ranker.booster_, "LGBMRanker")
        custom = lgb.train({"verbosity": -1, "objective": "none"} if version < "4" else {"verbosity": -1, "objective": lambda p, d: (p - d.get_label(), np.ones(N))}, lgb.Dataset(X, label=y), 3)
        save(custom, "custom")
        import json
        place("lightgbm", f"{version}-dump.json").write_text(json.dumps(custom.dump_model()))

    attempt("frames", frames)


def catboost_models():
    import catboost

    clean = np.nan_to_num(X)
    for name, model, label in (
        ("classifier", catboost.CatBoostClassifier(iterations=3, depth=2, verbose=0, allow_writing_files=False), binary),
        ("multiclass", catboost.CatBoostClassifier(iterations=3, depth=2, verbose=0, allow_writing_files=False), classes),
        ("regressor", catboost.CatBoostRegressor(iterations=3, depth=2, verbose=0, allow_writing_files=False), y),
    ):
        def make():
            model.fit(clean, label)
            for kind in ("cbm", "json", "onnx", "cpp", "python", "pmml"):
                try:
                    model.save_model(str(place("catboost", f"{name}.{'py' if kind == 'python' else kind}")), format=kind)
                except Exception as error:
                    print("left out", name, kind, repr(error)[:100])

        attempt(name, make)


for make in (xgboost_models, lightgbm_models, catboost_models):
    attempt(make.__name__, make)
