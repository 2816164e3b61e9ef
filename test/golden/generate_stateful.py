"""Writes stateful.json: truncated backpropagation with carried states by real Keras.

    python generate_stateful.py

One text, parted into rows that are read side by side; each model is trained on its batches in order by
SGD, its states reset before each epoch. Every expected value is what the installed Keras returned: the
weights after each batch.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

FOLDER = pathlib.Path(__file__).parent
WORDS, WIDTH, UNITS, ROWS, STEPS, LENGTH, EPOCHS, RATE = 7, 3, 5, 3, 4, 40, 2, 0.5


def recurrent(name):
    settings = {"return_sequences": True, "stateful": True}
    return {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simpleRNN": keras.layers.SimpleRNN}[name](
        UNITS, **settings, **({"reset_after": True} if name == "gru" else {})
    )


def case(name, text):
    model = keras.Sequential([
        keras.Input(batch_shape=(ROWS, None)),
        keras.layers.Embedding(WORDS, WIDTH),
        recurrent(name),
        keras.layers.Dense(WORDS, activation="softmax"),
    ])
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(-0.8, 0.8, w.shape).astype("float32") for w in model.get_weights()])
    flat = lambda: [np.asarray(w, "float64").ravel().tolist() for w in model.get_weights()]
    initial = flat()
    model.compile(optimizer=keras.optimizers.SGD(RATE), loss="sparse_categorical_crossentropy")
    length = (LENGTH - 1) // ROWS
    after = []
    for _ in range(EPOCHS):
        for layer in model.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()
            elif hasattr(layer, "reset_state") and getattr(layer, "stateful", False):
                layer.reset_state()
        for k in range(length // STEPS):
            rows = np.arange(ROWS)[:, None] * length + k * STEPS + np.arange(STEPS)[None]
            model.train_on_batch(text[rows], text[rows + 1])
            after.append(flat())
    return {"name": name, "initial": initial, "after": after}


text = np.random.default_rng(0).integers(0, WORDS, LENGTH)
cases = [case(name, text) for name in ("lstm", "gru", "simpleRNN")]
settings = {"words": WORDS, "width": WIDTH, "units": UNITS, "rows": ROWS, "steps": STEPS, "epochs": EPOCHS}
result = {"keras": keras.__version__, **settings, "learningRate": RATE, "text": text.tolist(), "cases": cases}


def rounded(value):
    if isinstance(value, float):
        return float(np.format_float_positional(np.float32(value), unique=True))
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return {key: rounded(one) for key, one in value.items()} if isinstance(value, dict) else value


(FOLDER / "stateful.json").write_text(json.dumps(rounded(result)) + "\n")
