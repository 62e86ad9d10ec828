"""Fitted scikit-learn estimators and pipelines: joblib with every compressor, pickle, skops."""

import pickle

from . import dumped


def estimators():
    import numpy
    from sklearn import (calibration, cluster, compose, cross_decomposition, decomposition, discriminant_analysis, dummy, ensemble,
                         feature_extraction, feature_selection, gaussian_process, impute, isotonic, kernel_approximation, linear_model,
                         manifold, mixture, model_selection, multiclass, multioutput, naive_bayes, neighbors, neural_network, pipeline,
                         preprocessing, semi_supervised, svm, tree)  # fmt: skip

    draw = numpy.random.default_rng(0)
    x, y = draw.normal(size=(60, 4)), numpy.arange(60) % 3
    real = x @ [1.0, -2.0, 0.5, 0.0]
    texts = ["good film", "bad film", "a fine day", "poor plot"] * 15
    fit = lambda model, target=y, data=x: model.fit(data, target)  # noqa: E731
    return {
        "logistic": fit(linear_model.LogisticRegression()),
        "ridge": fit(linear_model.Ridge(), real),
        "lasso-cv": fit(linear_model.LassoCV(cv=3), real),
        "sgd": fit(linear_model.SGDClassifier(random_state=numpy.random.RandomState(0))),
        "huber": fit(linear_model.HuberRegressor(), real),
        "tree": fit(tree.DecisionTreeClassifier()),
        "forest": fit(ensemble.RandomForestClassifier(8)),
        "extra-trees": fit(ensemble.ExtraTreesRegressor(5), real),
        "gradient-boosting": fit(ensemble.GradientBoostingClassifier(n_estimators=3)),
        "hist-gradient-boosting": fit(ensemble.HistGradientBoostingClassifier(max_iter=4)),
        "ada-boost": fit(ensemble.AdaBoostClassifier(n_estimators=3)),
        "bagging": fit(ensemble.BaggingClassifier(n_estimators=3)),
        "isolation-forest": fit(ensemble.IsolationForest(n_estimators=4)),
        "voting": fit(ensemble.VotingClassifier([("a", naive_bayes.GaussianNB()), ("b", tree.DecisionTreeClassifier())])),
        "stacking": fit(ensemble.StackingClassifier([("a", naive_bayes.GaussianNB())], linear_model.LogisticRegression(), cv=3)),
        "svc": fit(svm.SVC(probability=True)),
        "linear-svr": fit(svm.LinearSVR(), real),
        "one-class-svm": fit(svm.OneClassSVM()),
        "knn-kd": fit(neighbors.KNeighborsClassifier(algorithm="kd_tree")),
        "knn-ball": fit(neighbors.KNeighborsRegressor(algorithm="ball_tree"), real),
        "lof": fit(neighbors.LocalOutlierFactor(novelty=True)),
        "kernel-density": fit(neighbors.KernelDensity()),
        "mlp": fit(neural_network.MLPClassifier((8,), max_iter=20)),
        "gaussian-process": fit(gaussian_process.GaussianProcessRegressor(), real),
        "gaussian-nb": fit(naive_bayes.GaussianNB()),
        "lda": fit(discriminant_analysis.LinearDiscriminantAnalysis()),
        "kmeans": fit(cluster.KMeans(3, n_init=1)),
        "dbscan": fit(cluster.DBSCAN()),
        "agglomerative": fit(cluster.AgglomerativeClustering(3)),
        "birch": fit(cluster.Birch()),
        "pca": fit(decomposition.PCA(2)),
        "nmf": fit(decomposition.NMF(2, max_iter=50), y, numpy.abs(x)),
        "truncated-svd": fit(decomposition.TruncatedSVD(2)),
        "topic-model": fit(decomposition.LatentDirichletAllocation(2, max_iter=2), y, numpy.abs(x)),
        "mixture": fit(mixture.GaussianMixture(2)),
        "isomap": fit(manifold.Isomap()),
        "pls": fit(cross_decomposition.PLSRegression(), real),
        "isotonic": isotonic.IsotonicRegression().fit(x[:, 0], real),
        "standard-scaler": fit(preprocessing.StandardScaler()),
        "quantile": fit(preprocessing.QuantileTransformer(n_quantiles=20)),
        "power": fit(preprocessing.PowerTransformer()),
        "one-hot": preprocessing.OneHotEncoder().fit([["a", 1], ["b", 2]]),
        "ordinal": preprocessing.OrdinalEncoder().fit([["a"], ["b"]]),
        "label-encoder": preprocessing.LabelEncoder().fit(["x", "y", "z"]),
        "label-binarizer": preprocessing.LabelBinarizer().fit(y),
        "polynomial": fit(preprocessing.PolynomialFeatures()),
        "spline": fit(preprocessing.SplineTransformer()),
        "discretizer": fit(preprocessing.KBinsDiscretizer(3)),
        "function-transformer": fit(preprocessing.FunctionTransformer(numpy.tanh)),
        "imputer": fit(impute.SimpleImputer()),
        "knn-imputer": fit(impute.KNNImputer()),
        "k-best": fit(feature_selection.SelectKBest(k=2)),
        "from-model": fit(feature_selection.SelectFromModel(tree.DecisionTreeClassifier())),
        "nystroem": fit(kernel_approximation.Nystroem(n_components=5)),
        "count-vectorizer": feature_extraction.text.CountVectorizer().fit(texts),
        "tfidf": feature_extraction.text.TfidfVectorizer(ngram_range=(1, 2)).fit(texts),
        "hashing": feature_extraction.text.HashingVectorizer(n_features=64),
        "dict-vectorizer": feature_extraction.DictVectorizer().fit([{"a": 1, "b": "x"}]),
        "text-pipeline": pipeline.make_pipeline(feature_extraction.text.TfidfVectorizer(), linear_model.LogisticRegression()).fit(texts, y),
        "columns-pipeline": pipeline.Pipeline([("c", compose.ColumnTransformer([("n", preprocessing.StandardScaler(), [0, 1]), ("m", preprocessing.MinMaxScaler(), slice(2, 4))], remainder="passthrough")), ("f", ensemble.RandomForestRegressor(4))]).fit(x, real),
        "selector-pipeline": compose.make_column_transformer((preprocessing.RobustScaler(), compose.make_column_selector(dtype_include=float)), verbose_feature_names_out=False),
        "union": fit(pipeline.FeatureUnion([("p", decomposition.PCA(1)), ("k", feature_selection.SelectKBest(k=1))])),
        "target-transform": compose.TransformedTargetRegressor(linear_model.Ridge(), func=numpy.log1p, inverse_func=numpy.expm1).fit(x, numpy.abs(real)),
        "grid-search": fit(model_selection.GridSearchCV(svm.SVC(), {"C": [0.1, 1]}, cv=3, scoring="accuracy")),
        "random-search": fit(model_selection.RandomizedSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, n_iter=2, cv=3)),
        "calibrated": fit(calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=3)),
        "one-vs-rest": fit(multiclass.OneVsRestClassifier(linear_model.LogisticRegression())),
        "multi-output": fit(multioutput.MultiOutputRegressor(linear_model.Ridge()), numpy.column_stack([real, -real])),
        "label-spreading": fit(semi_supervised.LabelSpreading()),
        "dummy": fit(dummy.DummyClassifier()),
    }  # fmt: skip


def make(corpus):
    import warnings

    warnings.simplefilter("ignore")
    corpus.run([joblib_and_pickle, skops_files, metrics])


def joblib_and_pickle(corpus):
    import joblib

    ways = (0, 3, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3))
    for number, (name, model) in enumerate(estimators().items()):
        how = ways[number % len(ways)]
        extension = "" if how in (0, 3) else f".{how[0]}"
        corpus.benign("scikit-learn", f"joblib-{name}", {f"{name}.joblib{extension}": dumped(joblib.dump, model, compress=how)})
        if number % 2 == 0:
            corpus.benign("scikit-learn", f"pickle-{name}", {f"{name}.pkl": pickle.dumps(model, 2 + number % 4)})


def skops_files(corpus):
    import skops.io

    for name, model in estimators().items():
        if name in ("logistic", "forest", "svc", "mlp", "standard-scaler", "one-hot", "kmeans", "pca", "columns-pipeline", "hist-gradient-boosting", "tfidf", "voting", "gaussian-process", "knn-kd"):
            corpus.benign("skops", name, {f"{name}.skops": skops.io.dumps(model)})


def metrics(corpus):
    import joblib
    import numpy
    from sklearn import datasets, metrics as scores, model_selection, utils

    corpus.benign("scikit-learn", "bunch", {"iris.pkl": pickle.dumps(datasets.load_iris())})
    corpus.benign("scikit-learn", "bunch-joblib", {"wine.joblib": dumped(joblib.dump, datasets.load_wine(), compress=3)})
    corpus.benign("scikit-learn", "scorer", {"scorer.pkl": pickle.dumps(scores.make_scorer(scores.f1_score, average="macro"))})
    corpus.benign("scikit-learn", "splitter", {"cv.pkl": pickle.dumps(model_selection.StratifiedKFold(3, shuffle=True, random_state=0))})
    corpus.benign("scikit-learn", "own-bunch", {"b.joblib": dumped(joblib.dump, utils.Bunch(x=numpy.eye(3), names=["a", "b"]))})
    corpus.benign("scikit-learn", "joblib-dict", {"artifacts.joblib": dumped(joblib.dump, {"w": numpy.ones((50, 50)), "objects": numpy.array([{"a": 1}, "b", None], dtype=object), "meta": {"rows": 50}})})
