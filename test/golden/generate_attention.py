"""Writes attention.json and attention.bin, what Keras's layers of attention compute and pass back, and attention/:
functional models with them, as Keras 3 saves them, and what they predict.

    python generate_attention.py

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
import tensorflow as tf  # noqa: E402

layers = keras.layers
HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "attention"

# Batch, queries, keys, width, columns.
SMALL, ODD, WIDE = (2, 3, 5, 3, 3), (3, 5, 7, 6, 6), (2, 4, 9, 13, 13)

LAYERS = [
    ("Attention", {}),
    ("Attention", {"use_scale": True}),
    ("Attention", {"score_mode": "concat"}),
    ("Attention", {"score_mode": "concat", "use_scale": True}),
    ("AdditiveAttention", {}),
    ("AdditiveAttention", {"use_scale": False}),
]
CALLS = [
    {"size": SMALL, "masks": "none", "causal": False},
    {"size": ODD, "masks": "both", "causal": False},
    {"size": WIDE, "masks": "value", "causal": True},
    {"size": ODD, "masks": "query", "causal": True},
    # A key of its own; of the last sample, no step counts.
    {"size": (3, 5, 7, 6, 10), "masks": "empty", "causal": True},
]


binary = bytearray()


def numbers(array):
    values = np.asarray(array, "<f4")
    place = {"offset": len(binary), "shape": list(values.shape)}
    binary.extend(values.tobytes())
    return place


def mask_of(rng, batch, steps, empty):
    mask = rng.random((batch, steps)) < 0.7
    mask[:, 0] = True
    if empty:
        mask[-1] = False
    return mask


def compute(index, class_name, config, call):
    rng = np.random.default_rng(index)
    batch, queries, keys, width, columns = call["size"]
    normal = lambda *shape: rng.normal(size=shape).astype("float32")  # noqa: E731
    inputs = [normal(batch, queries, width), normal(batch, keys, columns)]
    if columns != width:
        inputs.append(normal(batch, keys, width))
    kind = call["masks"]
    query_mask = mask_of(rng, batch, queries, False) if kind in ("both", "query", "empty") else None
    value_mask = mask_of(rng, batch, keys, kind == "empty") if kind in ("both", "value", "empty") else None
    masks = None if kind == "none" else [query_mask, value_mask]
    layer = getattr(layers, class_name)(**config)
    layer.build([x.shape for x in inputs])
    layer.set_weights([(rng.normal(size=w.shape) * 0.5 + 0.8).astype("float32") for w in layer.get_weights()])
    upstream = [normal(batch, queries, columns), normal(batch, queries, keys)]
    tensors = [tf.constant(x) for x in inputs]
    weights = [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = layer(
            tensors, mask=masks, return_attention_scores=True, use_causal_mask=call["causal"]
        )
        loss = sum(tf.reduce_sum(o * r) for o, r in zip(outputs, upstream))
    gradients = tape.gradient(loss, tensors + weights)
    as_list = lambda mask: None if mask is None else mask.astype(int).tolist()  # noqa: E731
    return {
        "layer": class_name,
        "config": config,
        "causal": call["causal"],
        "masks": masks and [as_list(mask) for mask in masks],
        "inputs": [numbers(x) for x in inputs],
        "weights": [numbers(w) for w in layer.get_weights()],
        "weight_names": [w.name for w in layer.weights],
        "upstream": [numbers(r) for r in upstream],
        "outputs": [numbers(o) for o in outputs],
        "gradients": [numbers(g) for g in gradients],
    }


def translation():
    """Both sides masked, weights asked for, a head of its own for them."""
    source = layers.Input((7,), dtype="int32", name="source")
    target = layers.Input((5,), dtype="int32", name="target")
    read = layers.LSTM(6, return_sequences=True, name="encoder")(
        layers.Embedding(9, 4, mask_zero=True, name="source_words")(source)
    )
    written = layers.LSTM(6, return_sequences=True, name="decoder")(
        layers.Embedding(8, 4, mask_zero=True, name="target_words")(target)
    )
    context, weights = layers.Attention(use_scale=True, dropout=0.3, seed=3, name="attend")(
        [written, read], return_attention_scores=True
    )
    joined = layers.Concatenate(name="join")([written, context])
    words = layers.Dense(8, activation="softmax", name="words")(joined)
    model = keras.Model([source, target], [words, weights], name="translation")
    rows = [[1, 2, 3, 4, 0, 0, 0], [0, 0, 5, 6, 7, 8, 1], [1, 2, 3, 4, 5, 6, 7]]
    targets = [[1, 2, 0, 0, 0], [3, 4, 5, 6, 7], [0, 1, 2, 3, 0]]
    return model, [np.array(rows, "int32"), np.array(targets, "int32")]


def additive():
    """Masks on one side, a mean behind, and the layer called twice."""
    source = layers.Input((6,), dtype="int32", name="source")
    steps = layers.Input((4, 5), name="steps")
    x = layers.Embedding(9, 5, mask_zero=True, name="words")(source)
    layer = layers.AdditiveAttention(name="attend")
    once = layer([steps, x])
    twice = layer([x, steps])
    last = layers.LSTM(3, name="read")(twice)
    model = keras.Model(
        [source, steps],
        layers.Dense(2, name="scores")(
            layers.Concatenate(name="join")([layers.Flatten(name="flat")(once), last])
        ),
        name="additive",
    )
    rows = np.array([[1, 2, 3, 0, 0, 0], [0, 0, 4, 5, 6, 7]], "int32")
    return model, [rows, np.random.default_rng(3).normal(size=(2, 4, 5)).astype("float32")]


def causal():
    """Self-attention that looks back, with keys of its own and concatenated scores."""
    tokens = layers.Input((6,), dtype="int32", name="tokens")
    x = layers.Embedding(9, 4, mask_zero=True, name="words")(tokens)
    keys = layers.Dense(4, name="keys")(x)
    values = layers.Dense(5, name="values")(x)
    x = layers.Attention(score_mode="concat", use_scale=True, name="attend")(
        [x, values, keys], use_causal_mask=True
    )
    x = layers.Attention(name="again")([x, x], use_causal_mask=True)
    model = keras.Model(tokens, layers.GRU(3, name="read")(x), name="causal")
    rows = [[1, 2, 3, 0, 0, 0], [0, 0, 4, 5, 6, 7], [8, 7, 6, 5, 4, 3]]
    return model, [np.array(rows, "int32")]


def main():
    cases = [
        compute(i * len(CALLS) + j, *layer, call)
        for i, layer in enumerate(LAYERS)
        for j, call in enumerate(CALLS)
    ]
    out = {"keras": keras.__version__, "tensorflow": tf.__version__, "cases": cases}
    (HERE / "attention.json").write_text(json.dumps(out) + "\n")
    (HERE / "attention.bin").write_bytes(binary)
    FOLDER.mkdir(exist_ok=True)
    for make in (translation, additive, causal):
        keras.utils.set_random_seed(1)
        model, inputs = make()
        rng = np.random.default_rng(2)
        model.set_weights([(rng.normal(size=w.shape) * 0.7).astype("float32") for w in model.get_weights()])
        for kind in ("keras", "h5"):
            model.save(FOLDER / f"{make.__name__}.{kind}")
        predictions = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
        many = predictions if isinstance(predictions, list) else [predictions]
        io = {"keras": keras.__version__, "inputs": [x.tolist() for x in inputs], "predictions": [p.tolist() for p in many]}
        (FOLDER / f"{make.__name__}.io.json").write_text(json.dumps(io) + "\n")


if __name__ == "__main__":
    main()
