"""Makes clean skops files: estimators, transformers and pipelines of scikit-learn, and objects around them.

Usage: python skops_files.py FOLDER. Kinds fall by their name into `seen` and `unseen`.
"""
import datetime
import functools
import pathlib
import sys
import warnings
import zlib
from collections import OrderedDict, defaultdict

import numpy as np
import scipy.sparse
import skops.io
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, StackingRegressor, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, Matern, WhiteKernel
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(3)
X = rng.normal(size=(60, 4))
y = X[:, 0] + rng.normal(size=60) * 0.1
c = (y > 0).astype(int)


def keep(name, value):
    try:
        data = skops.io.dumps(value)
    except Exception as error:
        print("left out", name, repr(error)[:120])
        return
    folder = root / ("seen" if zlib.crc32(name.encode()) % 2 == 0 else "unseen")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.skops").write_bytes(data)


for name, cls in all_estimators():
    try:
        if name in ("DummyClassifier",):
            continue
        model = cls()
        if issubclass(cls, ClassifierMixin):
            model.fit(np.abs(X), c)
        elif issubclass(cls, RegressorMixin):
            model.fit(np.abs(X), np.abs(y))
        else:
            model.fit(np.abs(X), c)
    except Exception:
        try:
            model = cls()
        except Exception:
            continue
    keep(f"estimator-{name}", model)

keep("pipeline", make_pipeline(StandardScaler(), LogisticRegression()).fit(X, c))
keep("union", make_pipeline(FeatureUnion([("s", StandardScaler()), ("p", PolynomialFeatures())]), Ridge()).fit(X, y))
keep("columns", ColumnTransformer([("a", StandardScaler(), [0, 1]), ("b", OneHotEncoder(handle_unknown="ignore"), slice(2, 3)), ("c", "passthrough", [3])]).fit(X))
keep("grid", GridSearchCV(SVC(), {"C": [0.1, 1]}, cv=3).fit(X, c))
keep("random-search", RandomizedSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, n_iter=2, cv=KFold(3)).fit(X, c))
keep("stacking", StackingRegressor([("a", Ridge()), ("b", LinearRegression())]).fit(X, y))
keep("voting", VotingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier())]).fit(X, c))
keep("bagging", BaggingClassifier(DecisionTreeClassifier(), n_estimators=3).fit(X, c))
keep("calibrated", CalibratedClassifierCV(SVC(), cv=3).fit(X, c))
keep("target", TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1).fit(X, np.abs(y)))
keep("function", FunctionTransformer(np.log1p).fit(np.abs(X)))
keep("gaussian", GaussianProcessRegressor(1.0 * RBF() + WhiteKernel() + Matern()).fit(X, y))
keep("text", make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["aa bb cc", "dd ee ff", "aa dd", "ee bb"] * 5, [0, 1, 0, 1] * 5))
keep("count", CountVectorizer(ngram_range=(1, 2)).fit(["some words here", "other words there"]))
keep("forest", RandomForestClassifier(5, random_state=np.random.RandomState(1)).fit(X, c))
keep("scorer", make_scorer(f1_score, average="macro"))
keep("folds", StratifiedKFold(3, shuffle=True, random_state=1))
keep("values", {"a": 1, "b": [1.5, None, True], "c": ("x", b"bytes"), 3: {1, 2}, "r": slice(1, 2), "ba": bytearray(b"abc")})
keep("ordered", OrderedDict(a=1, b=np.float32(2)))
keep("default", defaultdict(list, a=[1]))
keep("arrays", {"f": np.ones((2, 3)), "o": np.array([1, "x", None], dtype=object), "m": np.ma.masked_array([1, 2], [True, False]), "d": np.dtype("f4")})
keep("sparse", {"csr": scipy.sparse.csr_matrix(np.eye(3)), "coo": scipy.sparse.coo_matrix(np.eye(3)), "array": scipy.sparse.csc_array(np.eye(2))})
keep("random", {"state": np.random.RandomState(3), "generator": np.random.default_rng(3), "mt": np.random.Generator(np.random.MT19937(4))})
keep("types", [int, float, str, list, np.float32, np.int64])
keep("dates", {"d": datetime.date(2020, 1, 1), "t": datetime.timedelta(1), "dt": datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)})
keep("ufuncs", [np.log, np.sqrt, __import__("scipy.special").special.expit])
keep("partial", functools.partial(np.round, decimals=2))
for library in ("xgboost", "lightgbm", "catboost"):
    try:
        module = __import__(library)
        cls = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier", "catboost": "CatBoostClassifier"}[library]
        keep(library, getattr(module, cls)(n_estimators=2).fit(X, c))
    except Exception as error:
        print("left out", library, repr(error)[:100])
