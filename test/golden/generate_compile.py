"""Writes test/golden/compile.json: what Keras computes with the compile states that it writes.

    python generate_compile.py [FOLDER WITH tf_keras]

For each model: its architecture as Keras writes it, and its weights. For each case: the compile state
as Keras writes it, labels, what evaluate gives in batches of 4, what train_on_batch gives for some
steps on all samples, and the weights after them. Cases of tf_keras (Keras 2, whose source may lie
in a folder) have the training_config of its .h5 files.
"""

import importlib
import json
import os
import pathlib
import sys
import tempfile
import types
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path[:0] = sys.argv[1:]
warnings.simplefilter("ignore")

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

tf.config.run_functions_eagerly(True)

SAMPLES, STEPS, FEATURES, CLASSES = 10, 4, 3, 3
random = np.random.default_rng(7)
X = random.normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")
NUMBERS = random.integers(0, CLASSES, SAMPLES)
LABELS = {
    "binary": random.integers(0, 2, (SAMPLES, 1)),
    "bits": random.integers(0, 2, (SAMPLES, CLASSES)),
    "class": NUMBERS[:, None],
    "one_hot": np.eye(CLASSES)[NUMBERS],
    "class_each": random.integers(0, CLASSES, (SAMPLES, STEPS, 1)),
    "number": random.normal(size=(SAMPLES, 1)),
    "positive": random.uniform(0.5, 2, (SAMPLES, CLASSES)),
    "share": np.full((SAMPLES, CLASSES), 0.25) + np.eye(CLASSES)[NUMBERS] / 4,
}


def short(values):
    """Numbers of float32, which nine digits tell apart."""
    return [float(f"{value:.9g}") for value in np.asarray(values, "float32").ravel()]


def rounded(values):
    """Numbers to compare with."""
    return [float(f"{value:.7g}") for value in np.asarray(values, "float32").ravel()]


MODELS = {}


def build(keras, heads):
    keras.utils.set_random_seed(1)
    layers = keras.layers
    inputs = keras.Input((STEPS, FEATURES))
    outputs = []
    for i, (units, activation, each) in enumerate(heads):
        hidden = layers.LSTM(3, return_sequences=each, name=f"lstm_{i}")(inputs)
        outputs.append(layers.Dense(units, activation=activation, name=f"out_{i}")(hidden))
    model = keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0], name="model")
    key = f"{keras.__name__} {heads}"
    MODELS[key] = {
        "architecture": json.loads(model.to_json()),
        "shapes": {
            layer.name: [list(w.shape) for w in layer.get_weights()] for layer in model.layers
        },
        "weights": [short(weight) for weight in model.get_weights()],
    }
    return key, model


def state_of(keras, model):
    """The compile state of Keras's files."""
    if keras.__name__ == "keras":
        return json.loads(model.to_json())["compile_config"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        model.save(path)
        with h5py.File(path) as file:
            return json.loads(file.attrs["training_config"])


def case(
    keras, title, heads, labels, optimizer, loss, metrics=None, steps=3, fit=False, **settings
):
    key, model = build(keras, heads)
    model.compile(optimizer, loss, metrics=metrics, **settings)
    y = [LABELS[name] for name in labels]
    y = [each.astype("int32" if each.dtype.kind == "i" else "float32") for each in y]
    y = y if len(y) > 1 else y[0]
    evaluated = model.evaluate(X, y, batch_size=4, verbose=0)
    state = state_of(keras, model)
    trained = []
    for _ in range(steps):
        model.reset_metrics()
        trained.append(rounded(model.train_on_batch(X, y)))
    history = None
    if fit:
        fitted = model.fit(
            *(X, y), batch_size=4, epochs=2, shuffle=False, validation_data=(X, y), verbose=0
        )
        history = {name: rounded(values) for name, values in fitted.history.items()}
    return {
        "title": title,
        "keras": f"{keras.__name__} {keras.__version__}",
        "model": key,
        "state": state,
        "labels": labels,
        "evaluated": rounded(evaluated),
        "trained": trained,
        "history": history,
        "weights": [rounded(weight) for weight in model.get_weights()],
    }


def optimizers_of(keras):
    if keras.__name__ == "keras":
        return keras.optimizers
    # The source of tf_keras has those of before TensorFlow 2.11 under these names.
    places = keras.optimizers
    classes = {
        name: getattr(getattr(places, name.lower()), name)
        for name in ("Adadelta", "Adagrad", "Adam", "Adamax", "AdamW", "Nadam", "RMSprop", "SGD")
    }
    return types.SimpleNamespace(**classes, legacy=places)


def cases(keras):
    of3 = keras.__name__ == "keras"
    O, L, M = optimizers_of(keras), keras.losses, keras.metrics
    S = keras.optimizers.schedules
    one, logit = [(1, "sigmoid", False)], [(1, None, False)]
    three, logits = [(CLASSES, "softmax", False)], [(CLASSES, None, False)]
    sigmoids, positive = [(CLASSES, "sigmoid", False)], [(CLASSES, "softplus", False)]
    each, both = [(CLASSES, None, True)], [(CLASSES, "softmax", False), (1, None, False)]
    adam = lambda **settings: O.Adam(0.01, **settings)  # noqa: E731
    run = lambda *args, **settings: case(keras, *args, **settings)  # noqa: E731

    yield run("Adam", one, ["binary"], adam(), "binary_crossentropy", ["accuracy"])
    yield run("Adam, clipnorm", one, ["binary"], adam(clipnorm=0.05), "binary_crossentropy")
    yield run("Adam, clipvalue", one, ["binary"], adam(clipvalue=0.01), "binary_crossentropy")
    # With an epsilon that is large beside the gradients.
    yield run("Adam, epsilon", logit, ["number"], O.Adam(0.01, epsilon=0.01), "mse")
    yield run("AdamW", logit, ["number"], O.AdamW(0.01, weight_decay=0.1), "mse")
    yield run(
        *("AdamW, clipnorm", logit, ["number"]),
        *(O.AdamW(0.01, weight_decay=0.1, clipnorm=0.05), "mse"),
    )
    yield run("SGD, weight_decay", logit, ["number"], O.SGD(0.1, weight_decay=0.1), "mse")
    yield run("Nadam", logit, ["number"], O.Nadam(0.01), "mse", steps=4)
    yield run("Nadam, clipvalue", one, ["binary"], O.Nadam(0.01, clipvalue=0.01), "mse")
    yield run("SGD", one, ["binary"], O.SGD(0.5), "mse", ["mae", "mse"])
    yield run("SGD, momentum", logit, ["number"], O.SGD(0.1, momentum=0.9), "mse")
    yield run(
        *("SGD, nesterov, clipnorm", logit, ["number"]),
        *(O.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=0.1), "mse"),
    )
    yield run("SGD, clipvalue", logit, ["number"], O.SGD(0.5, clipvalue=0.02), "mae")
    yield run("RMSprop", logit, ["number"], O.RMSprop(0.01), "mse")
    yield run(
        *("RMSprop, centered, momentum", logit, ["number"]),
        *(O.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True), "mse"),
    )
    yield run("Adagrad", logit, ["number"], O.Adagrad(0.1), "mse")
    yield run(
        *("Adagrad, epsilon", logit, ["number"]),
        *(O.Adagrad(0.1, initial_accumulator_value=0.0, epsilon=1e-3), "mse"),
    )
    yield run("Adadelta", logit, ["number"], O.Adadelta(1.0), "mse")
    yield run("Adamax", logit, ["number"], O.Adamax(0.01), "mse")
    if not of3:
        # By name, the optimizers of TensorFlow 2.11 to 2.15, written as Custom>….
        for name in ("adam", "rmsprop", "sgd", "adagrad", "adadelta", "adamax", "nadam"):
            yield run(name, logit, ["number"], name, "mse")
        # The optimizers of before TensorFlow 2.11.
        before = O.legacy
        for optimizer in (
            *(before.Adam(0.01), before.Adagrad(0.1, initial_accumulator_value=0.0)),
            *(before.Adadelta(1.0), before.Adamax(0.01), before.Nadam(0.01), before.RMSprop(0.01)),
            *(before.SGD(0.1, 0.9), before.SGD(0.1, 0.9, nesterov=True, clipnorm=0.1)),
        ):
            title = f"{type(optimizer).__name__} of before, {optimizer.get_config()['learning_rate']}"
            yield run(title, logit, ["number"], optimizer, "mse", steps=4)
        yield run(
            *("RMSprop of before, momentum", logit, ["number"]),
            *(before.RMSprop(0.01, momentum=0.5), "mse"),
        )
        yield run(
            *("RMSprop of before, centered", logit, ["number"]),
            *(before.RMSprop(0.01, centered=True), "mse"),
        )
        yield run("SGD, decay", logit, ["number"], before.SGD(0.1, decay=0.1), "mse", steps=1)
    if of3:
        yield run("Adam, global_clipnorm", one, ["binary"], adam(global_clipnorm=0.05), "mse")
        yield run("SGD, global_clipnorm", one, ["binary"], O.SGD(0.5, global_clipnorm=0.05), "mse")
    for schedule in (S.ExponentialDecay(0.2, 100, 0.9), S.PiecewiseConstantDecay([50], [0.2, 0.1])):
        title = f"SGD, {type(schedule).__name__}"
        yield run(title, logit, ["number"], O.SGD(schedule), "mse", steps=1)

    sgd = lambda: O.SGD(0.5)  # noqa: E731
    yield run(
        *("binary logits", logit, ["binary"], sgd(), L.BinaryCrossentropy(from_logits=True)),
        [M.BinaryAccuracy(threshold=0.2), "accuracy"],
    )
    yield run(
        *("smoothed binary", one, ["binary"], sgd(), L.BinaryCrossentropy(label_smoothing=0.2)),
    )
    yield run(
        *("several binary", sigmoids, ["bits"], sgd(), "binary_crossentropy"),
        ["accuracy", "binary_accuracy", M.BinaryCrossentropy(name="entropy")],
    )
    yield run(
        *("logits", logits, ["one_hot"], sgd(), L.CategoricalCrossentropy(from_logits=True)),
        ["accuracy", M.TopKCategoricalAccuracy(2)],
    )
    yield run(
        *("smoothed", three, ["one_hot"], sgd(), L.CategoricalCrossentropy(label_smoothing=0.1)),
        ["categorical_accuracy", "categorical_crossentropy"],
    )
    yield run(
        *("smoothed logits", logits, ["one_hot"], sgd()),
        L.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    )
    yield run(
        *("numbers of classes", three, ["class"], sgd(), "sparse_categorical_crossentropy"),
        ["accuracy", "sparse_categorical_accuracy", M.SparseTopKCategoricalAccuracy(2)],
    )
    yield run(
        *("logits of numbers of classes", logits, ["class"], sgd()),
        L.SparseCategoricalCrossentropy(from_logits=True),
        [
            *("accuracy", M.SparseCategoricalAccuracy()),
            M.SparseCategoricalCrossentropy(from_logits=True),
        ],
    )
    yield run(
        *("logits of each step", each, ["class_each"], sgd()),
        L.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )
    yield run("huber", logit, ["number"], sgd(), "huber", ["mae"])
    if not of3:
        # Keras 3.15 does not write its delta.
        yield run("huber of 0.3", logit, ["number"], sgd(), L.Huber(0.3))
    yield run("summed huber", logit, ["number"], O.SGD(0.05), L.Huber(reduction="sum"))
    yield run("hinge", logit, ["binary"], sgd(), "hinge", ["hinge", "squared_hinge"])
    yield run("squared hinge", logit, ["binary"], sgd(), "squared_hinge")
    yield run(
        *("categorical hinge", three, ["one_hot"], sgd(), "categorical_hinge"),
        ["categorical_hinge"],
    )
    yield run(
        *("cosine", logits, ["share"], sgd(), L.CosineSimilarity()),
        [M.CosineSimilarity(name="cos"), "cosine_similarity"],
    )
    log_cosh = "log_cosh" if of3 else "logcosh"
    yield run("log cosh", logit, ["number"], sgd(), log_cosh, [M.LogCoshError()])
    yield run("KL divergence", three, ["share"], sgd(), "kl_divergence", [M.KLDivergence()])
    yield run("Poisson", positive, ["positive"], O.SGD(0.1), "poisson", ["poisson"])
    yield run(
        *("logarithms", positive, ["positive"], O.SGD(0.1), "msle"),
        ["mape", "msle", M.MeanSquaredLogarithmicError(), M.RootMeanSquaredError(name="rmse")],
        fit=True,
    )
    yield run(
        *("percentages", positive, ["positive"], O.SGD(0.001), "mean_absolute_percentage_error"),
        [M.MeanAbsolutePercentageError(), M.MeanSquaredError(), M.MeanAbsoluteError()],
    )
    yield run(
        *("positives", one, ["binary"], sgd(), "binary_crossentropy"),
        [
            *(M.Precision(), M.Recall(), M.Precision(thresholds=0.45, name="p45")),
            *(M.TruePositives(), M.FalsePositives(), M.TrueNegatives(), M.FalseNegatives(0.48)),
        ],
        fit=True,
    )
    yield run(
        *("positives of a class", sigmoids, ["bits"], sgd(), "binary_crossentropy"),
        [M.Precision(class_id=1), M.Recall(class_id=2, thresholds=[0.48])],
    )
    yield run(
        *("area under curve", one, ["binary"], sgd(), "binary_crossentropy"),
        [
            M.AUC(),
            M.AUC(curve="PR", name="pr"),
            M.AUC(num_thresholds=11, summation_method="minoring", name="minoring"),
            M.AUC(curve="PR", summation_method="majoring", name="majoring"),
        ],
        fit=True,
    )
    yield run(
        *("area under curve of logits", logit, ["binary"], sgd()),
        *(L.BinaryCrossentropy(from_logits=True), [M.AUC(from_logits=True)]),
    )
    two = ["one_hot", "number"]
    yield run(
        *("two outputs", both, two, sgd(), ["categorical_crossentropy", "mse"]),
        [["accuracy"], ["mae", M.RootMeanSquaredError()]],
        loss_weights=[0.3, 2.0],
    )
    yield run(
        *("two outputs by name", both, two, sgd()),
        {"out_0": L.CategoricalCrossentropy(), "out_1": "mae"},
        {"out_1": ["mse"]},
        loss_weights={"out_0": 1.0, "out_1": 0.25},
    )
    yield run(
        *("weighed logits of one output", logits, ["class"], sgd()),
        L.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
        loss_weights=[0.5],
    )


def main():
    found = []
    for module in ("keras", "tf_keras"):
        try:
            keras = importlib.import_module(module)
        except ImportError as error:
            print(f"without {module}: {error}", file=sys.stderr)
            continue
        found += cases(keras)
    text = {
        "x": {"shape": list(X.shape), "values": short(X)},
        "labels": {
            name: {"shape": list(y.shape), "values": short(y)} for name, y in LABELS.items()
        },
        "models": MODELS,
        "cases": found,
    }
    path = pathlib.Path(__file__).with_name("compile.json")
    path.write_text(json.dumps(text, separators=(",", ":")).replace('{"title"', '\n{"title"') + "\n")
    print(len(found), "cases,", path.stat().st_size, "bytes")


main()
