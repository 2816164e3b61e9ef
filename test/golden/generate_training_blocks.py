"""Writes test/golden/training_blocks.json: what Keras does while it trains.

    python generate_training_blocks.py

Learning rates of its schedules at some steps; where early stopping stops on lists of a monitored
value, and which epoch's weights it restores; what label smoothing makes of crossentropies; weights
after steps of AdamW and of SGD with averaged weights.
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

STEPS = [0, 1, 2, 5, 9, 10, 11, 19, 20, 25, 40, 100]
random = np.random.default_rng(11)


def numbers(values):
    return [float(f"{value:.9g}") for value in np.asarray(values, "float32").ravel()]


SCHEDULES = [
    ("ExponentialDecay", dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.9)),
    (
        "ExponentialDecay",
        dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.9, staircase=True),
    ),
    ("InverseTimeDecay", dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.9)),
    (
        "InverseTimeDecay",
        dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.9, staircase=True),
    ),
    ("PiecewiseConstantDecay", dict(boundaries=[5, 10, 25], values=[1.0, 0.5, 0.25, 0.125])),
    ("PolynomialDecay", dict(initial_learning_rate=0.5, decay_steps=20)),
    (
        "PolynomialDecay",
        dict(initial_learning_rate=0.5, decay_steps=10, end_learning_rate=0.01, power=2.0),
    ),
    (
        "PolynomialDecay",
        dict(
            initial_learning_rate=0.5,
            decay_steps=10,
            end_learning_rate=0.01,
            power=0.5,
            cycle=True,
        ),
    ),
    ("CosineDecay", dict(initial_learning_rate=0.5, decay_steps=20)),
    ("CosineDecay", dict(initial_learning_rate=0.5, decay_steps=20, alpha=0.1)),
    (
        "CosineDecay",
        dict(
            initial_learning_rate=0.1,
            decay_steps=20,
            alpha=0.05,
            warmup_target=0.5,
            warmup_steps=10,
        ),
    ),
]


def schedules():
    for name, config in SCHEDULES:
        schedule = getattr(keras.optimizers.schedules, name)(**config)
        yield {
            "name": name,
            "config": config,
            "rates": numbers([float(schedule(step)) for step in STEPS]),
        }


class Replayed(keras.callbacks.Callback):
    """Logs values instead of those that were computed, and counts the epochs in the weights."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.values[epoch]
        self.model.set_weights([np.array([[float(epoch)]])])


def stops():
    x = np.zeros((1, 1), "float32")
    for _ in range(24):
        values = (random.integers(0, 9, 8) / 8).tolist()  # exact in float32
        settings = {
            "monitor": "val_loss",
            "mode": str(random.choice(["min", "max", "auto"])),
            "patience": int(random.integers(0, 4)),
            "min_delta": float(random.choice([0, 0.125, 0.25])),
            "restore_best_weights": bool(random.integers(0, 2)),
        }
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        model.compile("sgd", "mse")
        history = model.fit(
            *(x, x),
            epochs=len(values),
            verbose=0,
            callbacks=[Replayed(values), keras.callbacks.EarlyStopping(**settings)],
        )
        yield {
            "values": values,
            "settings": settings,
            "epochs": len(history.history["loss"]),
            "weights_of_epoch": int(model.get_weights()[0][0, 0]),
        }


def smoothed():
    y = random.integers(0, 2, (5, 3)).astype("float32")
    p = random.uniform(0.01, 0.99, (5, 3)).astype("float32")
    one_hot = np.eye(3, dtype="float32")[random.integers(0, 3, 5)]
    shares = (p / p.sum(-1, keepdims=True)).astype("float32")
    for name, labels, outputs in (
        ("BinaryCrossentropy", y, p),
        ("CategoricalCrossentropy", one_hot, shares),
    ):
        for smoothing in (0.1, 0.4):
            loss = getattr(keras.losses, name)(label_smoothing=smoothing, reduction=None)
            yield {
                "name": name,
                "label_smoothing": smoothing,
                "labels": labels.tolist(),
                "outputs": [numbers(row) for row in outputs],
                "losses": numbers(loss(labels, outputs)),
            }


def optimizers():
    start = random.normal(size=7).astype("float32")
    gradients = random.normal(size=(6, 7)).astype("float32")
    cosine = dict(initial_learning_rate=0.1, decay_steps=5, alpha=0.1)
    for name, config in (
        ("AdamW", dict(learning_rate=0.05, weight_decay=0.2)),
        ("Adam", dict(learning_rate=0.05, weight_decay=0.2, clipnorm=1.0)),
        ("Adam", dict(learning_rate=0.05, use_ema=True, ema_momentum=0.7)),
        ("SGD", dict(learning_rate=0.05, use_ema=True, ema_momentum=0.9, clipvalue=0.5)),
        ("Adam", dict(learning_rate=cosine)),
        ("AdamW", dict(learning_rate=cosine, weight_decay=0.2)),
        ("SGD", dict(learning_rate=cosine)),
        ("RMSprop", dict(learning_rate=cosine)),
        ("Adagrad", dict(learning_rate=cosine)),
    ):
        made = dict(config)
        if isinstance(made["learning_rate"], dict):
            made["learning_rate"] = keras.optimizers.schedules.CosineDecay(**cosine)
        optimizer = getattr(keras.optimizers, name)(**made)
        weights = keras.Variable(start)
        after = []
        for gradient in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weights])
            after.append(numbers(weights))
        if config.get("use_ema"):
            optimizer.finalize_variable_values([weights])
        yield {
            "name": name,
            "config": config,
            "start": numbers(start),
            "gradients": [numbers(gradient) for gradient in gradients],
            "weights": after,
            "final": numbers(weights),
        }


golden = {
    "keras": keras.__version__,
    "steps": STEPS,
    "schedules": list(schedules()),
    "stops": list(stops()),
    "smoothed": list(smoothed()),
    "optimizers": list(optimizers()),
}
path = pathlib.Path(__file__).with_name("training_blocks.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
