"""The article's model in Keras on TensorFlow, and its preprocessing."""

import hashlib
import json
import os

import protocol

os.environ["KERAS_BACKEND"] = "tensorflow"
with protocol.required():
    import keras
    import numpy as np
    import tensorflow as tf
    from keras._tf_keras.keras.preprocessing.text import Tokenizer, tokenizer_from_json

state = {}


def build():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((protocol.TIME,), dtype="int32"),
            layers.Embedding(protocol.VOCABULARY, 32),
            layers.Dropout(0.2),
            layers.LSTM(32),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def load(folder):
    model = state["model"] = build()
    model.set_weights(protocol.read_weights(folder))
    for part in ("train", "test"):
        state[part] = protocol.read_rows(folder, part)
    with open(f"{folder}/tokenizer.json", encoding="utf-8") as file:
        state["tokenizer"] = tokenizer_from_json(file.read())
    with open(f"{folder}/texts.json", encoding="utf-8") as file:
        state["texts"] = json.load(file)
    return {"parameters": model.count_params()}


def fresh(seed):
    """The model as Keras begins it, in place of the one that was loaded."""
    keras.utils.set_random_seed(seed)
    state["model"] = build()


def fit(start, steps):
    rows = slice(start, start + steps * protocol.BATCH)
    x, y = (part[rows] for part in state["train"])
    ms, history = protocol.timed(
        lambda: state["model"].fit(x, y, batch_size=protocol.BATCH, epochs=1, verbose=0)
    )
    return {"ms": ms / steps, "loss": history.history["loss"][0]}


def bare(start, steps):
    """The same batches by train_on_batch, without what fit does around them."""
    x, y = state["train"]
    batches = range(start, start + steps * protocol.BATCH, protocol.BATCH)

    def run():
        losses = [
            state["model"].train_on_batch(x[at : at + protocol.BATCH], y[at : at + protocol.BATCH])
            for at in batches
        ]
        return float(losses[-1][0])

    ms, loss = protocol.timed(run)
    return {"ms": ms / steps, "loss": loss}


def predict(count):
    x = state["test"][0][:count]
    ms, y = protocol.timed(
        lambda: state["model"].predict(x, batch_size=protocol.BATCH, verbose=0)
    )
    return {"ms": ms, "probabilities": y[:1000, 0].tolist()}


def one(start, count):
    """One review a call, text in, probability out."""
    times, probabilities = [], []

    def run(text):
        sequences = state["tokenizer"].texts_to_sequences([text])
        x = keras.utils.pad_sequences(sequences, maxlen=protocol.TIME)
        return float(state["model"].predict(x, verbose=0)[0, 0])

    for text in state["texts"][start : start + count]:
        ms, value = protocol.timed(lambda: run(text))
        times.append(ms)
        probabilities.append(value)
    return {"ms": times, "probabilities": probabilities}


def read_texts(path):
    with open(path, encoding="utf-8") as file:
        state["corpus"] = json.load(file)
    return [len(part) for part in state["corpus"].values()]


def tokenize():
    """Milliseconds to count the words of the training reviews, and to number those of all."""
    corpus = state["corpus"]
    tokenizer = Tokenizer(num_words=protocol.VOCABULARY)
    fitting, _ = protocol.timed(lambda: tokenizer.fit_on_texts(corpus["train"]))
    texts = corpus["train"] + corpus["test"]
    numbering, sequences = protocol.timed(lambda: tokenizer.texts_to_sequences(texts))
    digest = hashlib.sha256()
    for sequence in sequences:
        digest.update((" ".join(map(str, sequence)) + "\n").encode())
    return {"fit": fitting, "number": numbering, "digest": digest.hexdigest()}


protocol.serve(
    {"keras": keras.__version__, "tensorflow": tf.__version__},
    {
        "load": load,
    "fresh": fresh,
        "fit": fit,
        "bare": bare,
        "predict": predict,
        "one": one,
        "readTexts": read_texts,
        "tokenize": tokenize,
    },
)
