"""A linear NB-SVM of scikit-learn (Wang and Manning, 2012) on the reviews: `nb_svm.py aclImdb_v1.tar.gz [LIMIT]`."""

import json
import pickle
import re
import sys
import tarfile
import time

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

halves = {half: {"pos": [], "neg": []} for half in ("train", "test")}
with tarfile.open(sys.argv[1]) as archive:
    for member in archive:
        parts = member.name.split("/")
        if member.isfile() and len(parts) == 4 and parts[2] in ("pos", "neg"):
            text = archive.extractfile(member).read().decode("utf-8")
            halves[parts[1]][parts[2]].append(re.sub(r"<[^>]+>", " ", text))
if len(sys.argv) > 2:  # so many reviews of either half
    for half in halves.values():
        for label in half:
            half[label] = half[label][: int(sys.argv[2]) // 2]
read = time.perf_counter()


def samples(half):
    texts = halves[half]["pos"] + halves[half]["neg"]
    return texts, np.repeat([1, 0], [len(halves[half]["pos"]), len(halves[half]["neg"])])


texts, labels = samples("train")
begun = time.process_time()
vectorizer = CountVectorizer(ngram_range=(1, 3), min_df=4, binary=True, token_pattern=r"[^\W_]+'?\w*")
counts = vectorizer.fit_transform(texts)
positive = 1 + np.asarray(counts[labels == 1].sum(0)).ravel()
negative = 1 + np.asarray(counts[labels == 0].sum(0)).ravel()
ratios = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
svm = LinearSVC(C=0.01, random_state=0).fit(counts @ sparse.diags(ratios), labels)
trained, trained_cpu = time.perf_counter(), time.process_time()


def predict(some):
    return svm.predict(vectorizer.transform(some) @ sparse.diags(ratios))


texts, labels = samples("test")
accuracy = float((predict(texts) == labels).mean())
start = time.perf_counter()
for text in texts[-200:]:
    predict([text])
weights = {"words": vectorizer.vocabulary_, "weights": (ratios * svm.coef_[0]).astype(np.float32)}
print(
    json.dumps(
        {
            "accuracy": accuracy,
            "seconds": trained - read,
            "processorSeconds": trained_cpu - begun,
            "oneReview": (time.perf_counter() - start) / 200 * 1000,
            "bytes": len(pickle.dumps(weights)),
        }
    )
)
