"""The whole experiment in Keras, for its memory: `keras_experiment.py aclImdb_v1.tar.gz EPOCHS`."""

import os
import re
import resource
import sys
import tarfile
import tempfile

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from keras._tf_keras.keras.preprocessing.text import Tokenizer

path, epochs = sys.argv[1], int(sys.argv[2])


def read(half):
    """The reviews of a half, positive first, and their labels."""
    texts = {"pos": [], "neg": []}
    if os.path.isdir(path):
        for label in texts:
            folder = os.path.join(path, half, label)
            for name in sorted(os.listdir(folder)):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    texts[label].append(file.read())
    else:
        with tarfile.open(path) as archive:
            for member in archive:
                parts = member.name.split("/")
                if member.isfile() and len(parts) == 4 and parts[1] == half and parts[2] in texts:
                    text = archive.extractfile(member).read().decode("utf-8")
                    texts[parts[2]].append(text)
    labels = [1] * len(texts["pos"]) + [0] * len(texts["neg"])
    return [re.sub(r"<[^>]+>", "", text) for text in texts["pos"] + texts["neg"]], labels


train, train_labels = read("train")
test, test_labels = read("test")
tokenizer = Tokenizer(num_words=4000)
tokenizer.fit_on_texts(train)


def pad(texts):
    return keras.utils.pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=300)


x, y = pad(train), np.array(train_labels, "float32")
test_x, test_y = pad(test), np.array(test_labels, "float32")
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order], y[order]

layers = keras.layers
model = keras.Sequential(
    [
        keras.Input((300,), dtype="int32"),
        layers.Embedding(4000, 32),
        layers.Dropout(0.2),
        layers.LSTM(32),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=100, epochs=epochs, validation_split=0.2, verbose=0)
print("test accuracy", model.evaluate(test_x, test_y, batch_size=100, verbose=0)[1])
before = model.predict(test_x, batch_size=100, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    model.save(os.path.join(folder, "model.keras"))
    loaded = keras.models.load_model(os.path.join(folder, "model.keras"))
assert np.array_equal(before, loaded.predict(test_x, batch_size=100, verbose=0))
print(f"peak memory, kB: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
