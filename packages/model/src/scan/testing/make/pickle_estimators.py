# Real pickles of fitted estimators: every public one of scikit-learn with several settings, alone, in pipelines and in
# searches, and those of xgboost, lightgbm, catboost and statsmodels. Run: python pickle_estimators.py OUT
import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn import compose, datasets, ensemble, linear_model, metrics, model_selection, pipeline, preprocessing, svm, tree
from sklearn.utils import all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances

from pickle_common import done, save, written

X, y = datasets.make_classification(80, 6, random_state=0)
XR, yr = datasets.make_regression(80, 6, random_state=0)
POSITIVE = np.abs(X)
TEXTS = ["a b c", "b c d", "c d e f", "x y z"] * 20
DICTS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] * 40
MULTI = np.column_stack([y, 1 - y])
TRIES = [
    lambda e: e.fit(X, y), lambda e: e.fit(XR, np.abs(yr) + 1), lambda e: e.fit(POSITIVE, y), lambda e: e.fit(X, MULTI), lambda e: e.fit(XR, np.column_stack([yr, yr])),
    lambda e: e.fit(TEXTS), lambda e: e.fit(DICTS), lambda e: e.fit(X[:, 0], y), lambda e: e.fit(X @ X.T, y), lambda e: e.fit(X), lambda e: e.fit([["a"], ["b"]]), lambda e: e.fit(MULTI), lambda e: e.fit(y),
    lambda e: e.fit(np.asarray(DICTS)), lambda e: e,
]


def fitted(estimator):
    for one in TRIES:
        try:
            return one(sklearn.clone(estimator))
        except Exception:
            continue
    return estimator


def instances(cls):
    try:
        return list(_construct_instances(cls))[:3]
    except BaseException:
        return []


for name, cls in all_estimators():
    for index, instance in enumerate(instances(cls)):
        save("sklearn", name, fitted(instance)) if index else save("sklearn", name, fitted(instance), (4, 2))
        if index == 2:
            written("sklearn", name, "-2.joblib", lambda p: joblib.dump(fitted(instance), p, compress=3))

SETTINGS = {
    "GradientBoostingClassifier": [dict(loss="exponential"), dict(init="zero")],
    "GradientBoostingRegressor": [dict(loss="huber"), dict(loss="quantile")],
    "HistGradientBoostingRegressor": [dict(loss="poisson"), dict(loss="quantile", quantile=0.5), dict(loss="gamma")],
    "HistGradientBoostingClassifier": [dict(early_stopping=True), dict(interaction_cst="pairwise")],
    "SGDClassifier": [dict(loss="modified_huber"), dict(loss="log_loss"), dict(loss="perceptron")],
    "SGDRegressor": [dict(loss="huber"), dict(loss="epsilon_insensitive")],
    "LogisticRegression": [dict(solver="saga"), dict(solver="liblinear"), dict(solver="newton-cg")],
    "KNeighborsClassifier": [dict(algorithm="ball_tree"), dict(algorithm="kd_tree", metric="chebyshev"), dict(metric="cosine"), dict(weights="distance")],
    "LocalOutlierFactor": [dict(novelty=True, algorithm="ball_tree")],
    "GaussianProcessRegressor": [dict(kernel=__import__("sklearn.gaussian_process.kernels").gaussian_process.kernels.RBF() + 1.0)],
    "MLPClassifier": [dict(solver="lbfgs"), dict(solver="sgd", early_stopping=True)],
    "KBinsDiscretizer": [dict(encode="ordinal", strategy="kmeans")],
    "SimpleImputer": [dict(strategy="most_frequent"), dict(strategy="constant", fill_value=0)],
    "FunctionTransformer": [dict(func=np.log1p, inverse_func=np.expm1), dict(func=np.sqrt)],
    "TfidfVectorizer": [dict(ngram_range=(1, 2), stop_words="english"), dict(analyzer="char_wb")],
    "CountVectorizer": [dict(binary=True), dict(dtype=np.float32)],
    "SelectKBest": [dict(score_func=__import__("sklearn.feature_selection").feature_selection.mutual_info_classif, k=2), dict(k="all")],
    "RandomForestClassifier": [dict(max_depth=3, n_estimators=5, oob_score=True), dict(criterion="entropy", random_state=np.random.RandomState(1), n_estimators=3)],
    "SVC": [dict(probability=True), dict(kernel="poly"), dict(kernel="precomputed")],
    "KernelPCA": [dict(kernel="rbf"), dict(kernel="cosine")],
    "PowerTransformer": [dict(method="box-cox")],
    "OneHotEncoder": [dict(sparse_output=False, handle_unknown="ignore"), dict(drop="first", min_frequency=2)],
    "NearestNeighbors": [dict(metric="haversine", algorithm="ball_tree"), dict(metric="manhattan")],
    "BaggingClassifier": [dict(estimator=tree.DecisionTreeClassifier())],
    "AdaBoostClassifier": [dict(n_estimators=3)],
    "TweedieRegressor": [dict(power=1.5, link="log")],
    "KernelDensity": [dict(kernel="epanechnikov")],
    "RANSACRegressor": [dict(loss="squared_error")],
    "LogisticRegressionCV": [dict(Cs=2, scoring="accuracy"), dict(Cs=2, scoring=metrics.make_scorer(metrics.f1_score))],
}
for name, cls in all_estimators():
    for index, params in enumerate(SETTINGS.get(name, [])):
        try:
            save("sklearn-set", name, fitted(cls(**params)), ((5, 2, 0, 4)[index % 4],))
        except Exception as error:
            print(name, params, error)

numeric = pipeline.make_pipeline(preprocessing.StandardScaler(), preprocessing.PolynomialFeatures(2))
frame = pd.DataFrame({"n": X[:, 0], "m": X[:, 1], "c": np.where(y, "a", "b")})
column = compose.ColumnTransformer([("n", numeric, ["n", "m"]), ("c", preprocessing.OneHotEncoder(), ["c"])], remainder="passthrough")
grid = dict(param_grid={"C": [0.1, 1]}, cv=2)
composed = {
    "pipe-columns": pipeline.Pipeline([("p", column), ("m", linear_model.LogisticRegression())]).fit(frame, y),
    "grid": model_selection.GridSearchCV(svm.SVC(), **grid).fit(X, y),
    "grid-scorers": model_selection.GridSearchCV(svm.SVC(), **grid, scoring={"a": "accuracy", "f": metrics.make_scorer(metrics.fbeta_score, beta=2)}, refit="a").fit(X, y),
    "random-search": model_selection.RandomizedSearchCV(svm.SVC(), {"C": [1, 2]}, n_iter=2, cv=model_selection.StratifiedKFold(2), random_state=0).fit(X, y),
    "random-dist": model_selection.RandomizedSearchCV(svm.SVC(), {"C": __import__("scipy.stats").stats.uniform(0.1, 2)}, n_iter=2, cv=2).fit(X, y),
    "voting": ensemble.VotingClassifier([("a", linear_model.LogisticRegression()), ("b", tree.DecisionTreeClassifier())]).fit(X, y),
    "stacking": ensemble.StackingRegressor([("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor())]).fit(XR, yr),
    "union": pipeline.FeatureUnion([("a", preprocessing.StandardScaler()), ("b", preprocessing.KBinsDiscretizer(3))]).fit(X),
    "target": compose.TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1).fit(XR, np.abs(yr)),
    "target-transformer": compose.TransformedTargetRegressor(linear_model.Ridge(), transformer=preprocessing.QuantileTransformer(n_quantiles=5)).fit(XR, yr),
    "selector": compose.make_column_transformer((preprocessing.StandardScaler(), compose.make_column_selector(dtype_include=np.number))).fit(frame),
    "dict-of-models": {"model": linear_model.Lasso().fit(XR, yr), "columns": ["a"], "threshold": np.float64(0.5), "at": pd.Timestamp("2024-01-01")},
    "cv-splits": [model_selection.KFold(3), model_selection.TimeSeriesSplit(), model_selection.ShuffleSplit(random_state=1), model_selection.GroupKFold(), model_selection.RepeatedKFold()],
    "scorers": [metrics.make_scorer(metrics.r2_score), metrics.get_scorer("roc_auc"), metrics.get_scorer("neg_log_loss")],
    "bunch": datasets.load_iris(),
    "unfitted": [c() for n, c in all_estimators(type_filter="classifier") if n in ("SVC", "GaussianNB", "MLPClassifier")],
    "pandas-out": preprocessing.StandardScaler().set_output(transform="pandas").fit(frame[["n", "m"]]),
}
for case, value in composed.items():
    save("sklearn-composed", case, value, (4, 2))
    written("sklearn-composed", case, ".joblib", lambda p: joblib.dump(value, p))

import catboost
import lightgbm
import statsmodels.api as sm
import statsmodels.formula.api as smf
import xgboost

boosted = {
    "xgb-classifier": xgboost.XGBClassifier(n_estimators=3).fit(X, y), "xgb-regressor": xgboost.XGBRegressor(n_estimators=3, objective="reg:gamma").fit(XR, np.abs(yr) + 1),
    "xgb-ranker": xgboost.XGBRanker(n_estimators=2).fit(X, y, qid=np.repeat([0, 1], 40)), "xgb-forest": xgboost.XGBRFClassifier(n_estimators=2).fit(X, y),
    "xgb-booster": xgboost.train({"max_depth": 2}, xgboost.DMatrix(X, y), 2), "xgb-early": xgboost.XGBClassifier(n_estimators=3, callbacks=[xgboost.callback.EarlyStopping(2)]).fit(X, y, eval_set=[(X, y)], verbose=False),
    "xgb-unfitted": xgboost.XGBClassifier(),
    "lgb-classifier": lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, y), "lgb-regressor": lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(XR, yr),
    "lgb-ranker": lightgbm.LGBMRanker(n_estimators=2, verbose=-1).fit(X, y, group=[40, 40]), "lgb-booster": lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, y), 2),
    "lgb-pipe": pipeline.make_pipeline(preprocessing.StandardScaler(), lightgbm.LGBMClassifier(n_estimators=2, verbose=-1)).fit(X, y), "xgb-pipe": pipeline.make_pipeline(preprocessing.StandardScaler(), xgboost.XGBClassifier(n_estimators=2)).fit(X, y),
    "cat-classifier": catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(X, y), "cat-regressor": catboost.CatBoostRegressor(iterations=3, verbose=0, allow_writing_files=False).fit(XR, yr),
    "cat-unfitted": catboost.CatBoostClassifier(), "cat-base": catboost.CatBoost({"iterations": 2, "verbose": 0, "allow_writing_files": False}).fit(X, y),
    "sm-ols": sm.OLS(yr, XR).fit(), "sm-logit": sm.Logit(y, X).fit(disp=0), "sm-glm": sm.GLM(np.abs(yr) + 1, np.ones((80, 1)), family=sm.families.Gamma(sm.families.links.Log())).fit(),
    "sm-arima": sm.tsa.ARIMA(yr[:40], order=(1, 0, 0)).fit(), "sm-formula": smf.ols("m ~ n + C(c)", frame).fit(), "sm-poisson": sm.GLM(y, X, family=sm.families.Poisson()).fit(),
    "sm-rlm": sm.RLM(yr, XR).fit(), "sm-smoothing": sm.tsa.SimpleExpSmoothing(np.abs(yr), initialization_method="estimated").fit(), "sm-sarimax": sm.tsa.SARIMAX(yr[:40], order=(1, 0, 0)).fit(disp=0), "sm-mixed": sm.MixedLM(yr, XR, np.repeat(range(8), 10)).fit(),
    "sm-negbin": sm.GLM(y, np.ones((80, 1)), family=sm.families.NegativeBinomial()).fit(), "sm-quantreg": sm.QuantReg(yr, XR).fit(),
}
for case, value in boosted.items():
    save("boosted", case, value, (4, 2))
    written("boosted", case, ".joblib", lambda p: joblib.dump(value, p, compress=3))
done()
