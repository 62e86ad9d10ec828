# A second set of real pickles, of libraries and settings that the rules were not tuned on. Run: python pickle_more.py OUT
import random

import joblib
import numpy as np
import pandas as pd
from sklearn import datasets, ensemble, linear_model, model_selection, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree
from scipy import stats

from pickle_common import done, save, written

rng = random.Random(7)
X, y = datasets.make_classification(60, 5, random_state=1)
XR, yr = datasets.make_regression(60, 5, random_state=1)
scalers = [preprocessing.StandardScaler, preprocessing.MinMaxScaler, preprocessing.RobustScaler, preprocessing.MaxAbsScaler, preprocessing.QuantileTransformer, preprocessing.PowerTransformer, preprocessing.Normalizer]
classifiers = [
    lambda: linear_model.LogisticRegression(C=rng.random() + 0.1), lambda: svm.SVC(kernel=rng.choice(["rbf", "linear", "sigmoid"]), probability=rng.random() < 0.5),
    lambda: ensemble.RandomForestClassifier(n_estimators=rng.randint(1, 6), max_depth=rng.choice([2, None])), lambda: ensemble.ExtraTreesClassifier(n_estimators=3),
    lambda: ensemble.GradientBoostingClassifier(n_estimators=3, subsample=rng.choice([1.0, 0.5])), lambda: ensemble.HistGradientBoostingClassifier(max_iter=3, monotonic_cst=[0, 1, 0, 0, 0]),
    lambda: neighbors.KNeighborsClassifier(n_neighbors=rng.randint(1, 5), metric=rng.choice(["minkowski", "euclidean", "canberra"])), lambda: naive_bayes.GaussianNB(), lambda: tree.DecisionTreeClassifier(criterion=rng.choice(["gini", "log_loss"])),
    lambda: neural_network.MLPClassifier((3,), max_iter=5), lambda: linear_model.SGDClassifier(loss=rng.choice(["hinge", "squared_hinge"]), early_stopping=rng.random() < 0.5), lambda: ensemble.StackingClassifier([("a", naive_bayes.GaussianNB()), ("b", tree.DecisionTreeClassifier())]),
    lambda: ensemble.BaggingClassifier(svm.LinearSVC(), n_estimators=2), lambda: model_selection.GridSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2, scoring=rng.choice([None, "f1", "balanced_accuracy"])),
    lambda: model_selection.RandomizedSearchCV(linear_model.LogisticRegression(), {"C": rng.choice([stats.loguniform(0.1, 1), stats.expon(), stats.randint(1, 5)])}, n_iter=2, cv=2), lambda: model_selection.TunedThresholdClassifierCV(linear_model.LogisticRegression(), cv=2),
]
for index in range(60):
    model = pipeline.make_pipeline(rng.choice(scalers)(), rng.choice(classifiers)())
    fitted = model.fit(X, y)
    if index % 3 == 0:
        written("more-pipe", str(index), ".joblib", lambda p: joblib.dump(fitted, p, compress=rng.choice([0, 3, "gzip"])))
    else:
        save("more-pipe", str(index), fitted, (rng.choice([2, 3, 4, 5]),))
for index in range(20):
    kinds = {"i": np.arange(5), "f": np.linspace(0, 1, 5), "s": list("abcde"), "c": pd.Categorical(list("aabbc")), "d": pd.date_range("2024", periods=5), "b": [True, False] * 2 + [True], "n": pd.array([1, None, 2, 3, 4], "Int32"), "z": pd.date_range("2024", periods=5, tz="Asia/Tokyo"), "t": pd.to_timedelta(range(5), "h"), "p": pd.period_range("2024", periods=5, freq="Q")}
    frame = pd.DataFrame({key: kinds[key] for key in rng.sample(sorted(kinds), 4)})
    if index % 2:
        frame = frame.set_index(frame.columns[0])
    save("more-frame", str(index), {"frame": frame, "made": pd.Timestamp("2024-05-01"), "counts": frame.nunique()}, (rng.choice([2, 4, 5]),))

import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as T

for name in ("resnet18", "mobilenet_v3_small", "vgg11", "densenet121", "efficientnet_b0", "shufflenet_v2_x0_5", "squeezenet1_0", "convnext_tiny", "vit_b_32", "googlenet", "mnasnet0_5", "regnet_y_400mf"):
    try:
        model = getattr(torchvision.models, name)(weights=None).half()
    except Exception as error:
        print(name, error)
        continue
    for parameter in model.parameters():
        parameter.data = parameter.data[..., :1].clone() if parameter.numel() > 20000 else parameter.data
    written("more-vision", name, ".pt", lambda p: torch.save(model, p))
    written("more-vision", name, "-legacy.pt", lambda p: torch.save(model, p, _use_new_zipfile_serialization=False))
save("more-vision", "transforms", T.Compose([T.Resize(8), T.ToTensor(), T.Normalize([0.5], [0.5]), T.RandomHorizontalFlip()]), (2, 4))
written("more-torch", "trained", ".pt", lambda p: torch.save({"model": nn.TransformerDecoderLayer(4, 2, 8), "scaler": torch.amp.GradScaler("cpu").state_dict(), "loader": torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(3, 2)))}, p))
written("more-torch", "pruned", ".pt", lambda p: torch.save(nn.utils.prune.random_unstructured(nn.Linear(3, 3), "weight", 0.5), p))
written("more-torch", "ema", ".pt", lambda p: torch.save(torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2)), p))
import gensim.corpora
import gensim.models
texts = [["a", "b", "c"], ["b", "c", "d"], ["x", "y"]] * 5
dictionary = gensim.corpora.Dictionary(texts)
bags = [dictionary.doc2bow(one) for one in texts]
gens = {"dictionary": dictionary, "lda": gensim.models.LdaModel(bags, 2, dictionary), "tfidf": gensim.models.TfidfModel(bags), "word2vec": gensim.models.Word2Vec(texts, vector_size=4, min_count=1), "fasttext": gensim.models.FastText(texts, vector_size=4, min_count=1, bucket=10), "lsi": gensim.models.LsiModel(bags, 2, dictionary), "vectors": gensim.models.KeyedVectors(3), "doc2vec": gensim.models.Doc2Vec([gensim.models.doc2vec.TaggedDocument(one, [i]) for i, one in enumerate(texts)], vector_size=3, min_count=1), "phrases": gensim.models.Phrases(texts)}
for case, value in gens.items():
    save("more-gensim", case, value, (4,))
    if hasattr(value, "save"):
        written("more-gensim", case, ".model", lambda p: value.save(p))
import nltk
from nltk.tokenize import punkt
save("more-nltk", "punkt", punkt.PunktSentenceTokenizer("Dr. Who is here. He left. Mr. Y too."), (4, 2))
save("more-nltk", "freq", nltk.FreqDist("abcaab"), (4,))
save("more-nltk", "bayes", nltk.NaiveBayesClassifier.train([({"a": 1}, "x"), ({"a": 2}, "y")]), (4,))
save("more-nltk", "tagger", nltk.UnigramTagger([[("a", "N")]], backoff=nltk.DefaultTagger("N")), (4,))
save("more-nltk", "stem", nltk.PorterStemmer(), (4,))
import jax.numpy as jnp
import optax
params = {"w": jnp.ones((2, 2))}
save("more-optax", "adam", optax.adam(0.1).init(params), (4,))
save("more-optax", "chain", optax.chain(optax.clip(1.0), optax.sgd(0.1, momentum=0.9)).init(params), (4, 2))
import networkx as nx
save("more-networkx", "tree", nx.random_labeled_tree(5, seed=1), (4, 2))
import decimal, datetime, collections, dataclasses, pathlib
save("more-python", "config", {"path": pathlib.Path("a/b"), "when": datetime.datetime.now(datetime.timezone.utc), "n": decimal.Decimal("2"), "c": collections.Counter("aa"), "o": collections.OrderedDict(a=1)}, (0, 1, 2, 3, 4, 5))
done()
