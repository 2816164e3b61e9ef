"""Trains one batch of the sample and says when it was done: `keras_first_batch.py CORPUS`."""

import time

start = time.time()

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from keras._tf_keras.keras.preprocessing.text import Tokenizer

imports = 1000 * (time.time() - start)

texts, labels = [], []
for label, name in enumerate(("neg", "pos")):
    folder = os.path.join(sys.argv[1], "train", name)
    for file_name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file_name), encoding="utf-8") as file:
            texts.append(file.read())
        labels.append(label)
tokenizer = Tokenizer(num_words=4000)
tokenizer.fit_on_texts(texts)
x = keras.utils.pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=300)
y = np.array(labels, "float32")
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


class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        at = 1000 * time.time()
        print(json.dumps({"at": at, "imports": imports, "loss": float(logs["loss"])}), flush=True)
        os._exit(0)


model.fit(x, y, batch_size=32, epochs=1, verbose=0, callbacks=[Stop()])
