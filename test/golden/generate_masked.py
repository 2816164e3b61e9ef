"""Writes masked/: functional models with masks, as Keras 3 saves them, and what they predict.

    python generate_masked.py

Every expected value is what the installed Keras returned; nothing is recomputed.
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

layers = keras.layers
FOLDER = pathlib.Path(__file__).with_name("masked")


def embedding():
    tokens = layers.Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(8, 3, mask_zero=True, name="words")(tokens)
    x = layers.LSTM(3, return_sequences=True, name="first")(x)
    x = layers.LSTM(2, name="second")(x)
    model = keras.Model(tokens, layers.Dense(2, name="scores")(x), name="embedding")
    rows = [
        [0, 0, 3, 7, 1, 2],  # padding in front
        [4, 5, 6, 0, 0, 0],  # behind
        [1, 0, 2, 0, 0, 3],  # between
        [1, 2, 3, 4, 5, 6],  # none
        [0, 0, 0, 0, 0, 0],  # nothing else
    ]
    return model, np.array(rows, "int32")


def masking():
    steps = layers.Input((4, 2), name="steps")
    x = layers.Masking(mask_value=-1.0, name="skip")(steps)
    x = layers.LSTM(3, name="read")(x)
    model = keras.Model(steps, layers.Dense(2, name="scores")(x), name="masking")
    x = np.random.default_rng(1).normal(size=(4, 4, 2)).astype("float32")
    x[0, :2] = -1  # steps in front
    x[1, 2:] = -1  # behind
    x[2, 1, 0] = -1  # half a step, which is not masked
    x[3] = -1  # nothing else
    return model, x


def main():
    FOLDER.mkdir(exist_ok=True)
    for make in (embedding, masking):
        keras.utils.set_random_seed(1)
        model, x = make()
        # Biases are zeros at first, with which a mask that is not followed might go unseen.
        rng = np.random.default_rng(2)
        model.set_weights([rng.normal(size=w.shape) * 0.7 for w in model.get_weights()])
        model.save(FOLDER / f"{make.__name__}.keras")
        out = {
            "keras": keras.__version__,
            "inputs": x.tolist(),
            "predictions": model.predict(x, verbose=0).tolist(),
        }
        (FOLDER / f"{make.__name__}.io.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
