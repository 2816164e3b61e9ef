"""Writes test/golden/compile.json: what Keras computes with the compile states that it writes.

    python generate_compile.py [FOLDER WITH tf_keras]

For each case: the architecture with its compile state as Keras writes both, weights, labels, what
evaluate gives in batches of 4, and predictions after some steps on all samples. Cases of tf_keras
(Keras 2, whose source may lie in a folder) have the training_config of its .h5 files.
"""

import importlib
import json
import os
import pathlib
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path[:0] = sys.argv[1:]
warnings.simplefilter("ignore")

import h5py  # noqa: E402
import numpy as np  # noqa: E402

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


def build(keras, heads):
    keras.utils.set_random_seed(1)
    layers = keras.layers
    inputs = keras.Input((STEPS, FEATURES))
    outputs = []
    for i, (units, activation, each) in enumerate(heads):
        hidden = layers.LSTM(3, return_sequences=each, name=f"lstm_{i}")(inputs)
        outputs.append(layers.Dense(units, activation=activation, name=f"out_{i}")(hidden))
    return keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0])


def state_of(keras, model):
    """The architecture as model.to_json() writes it, with the compile state of Keras's files."""
    architecture = json.loads(model.to_json())
    if keras.__name__ == "keras":
        return architecture  # With compile_config.
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        model.save(path)
        with h5py.File(path) as file:
            architecture["training_config"] = json.loads(file.attrs["training_config"])
    return architecture


def case(
    keras, title, heads, labels, optimizer, loss, metrics=None, steps=2, fit=False, **settings
):
    model = build(keras, heads)
    weights = model.get_weights()
    model.compile(optimizer, loss, metrics=metrics, **settings)
    y = [LABELS[name] for name in labels]
    y = [each.astype("int32" if each.dtype.kind == "i" else "float32") for each in y]
    y = y if len(y) > 1 else y[0]
    evaluated = model.evaluate(X, y, batch_size=4, verbose=0)
    architecture = state_of(keras, model)
    for _ in range(steps):
        model.train_on_batch(X, y)
    history = None
    if fit:
        fitted = model.fit(
            *(X, y), batch_size=4, epochs=2, shuffle=False, validation_data=(X, y), verbose=0
        )
        history = {name: short(values) for name, values in fitted.history.items()}
    predicted = model.predict(X, verbose=0)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    return {
        "title": title,
        "keras": f"{keras.__name__} {keras.__version__}",
        "architecture": architecture,
        "weights": {
            layer.name: [list(w.shape) for w in layer.get_weights()] for layer in model.layers
        },
        "values": [short(weight) for weight in weights],
        "labels": labels,
        "evaluated": short(evaluated),
        "steps": steps,
        "history": history,
        "predicted": [short(each) for each in predicted],
    }


def cases(keras):
    of3 = keras.__name__ == "keras"
    O, L, M = keras.optimizers, keras.losses, keras.metrics
    S = O.schedules
    one, logit = [(1, "sigmoid", False)], [(1, None, False)]
    three, logits = [(CLASSES, "softmax", False)], [(CLASSES, None, False)]
    sigmoids, positive = [(CLASSES, "sigmoid", False)], [(CLASSES, "softplus", False)]
    each, both = [(CLASSES, None, True)], [(CLASSES, "softmax", False), (1, None, False)]
    # Keras adds Adam's epsilon before it corrects the bias, TensorFlow.js after: too small to matter.
    adam = lambda **settings: O.Adam(0.01, epsilon=1e-12, **settings)  # noqa: E731
    run = lambda *args, **settings: case(keras, *args, **settings)  # noqa: E731

    yield run("Adam", one, ["binary"], adam(), "binary_crossentropy", ["accuracy"])
    yield run("Adam, clipnorm", one, ["binary"], adam(clipnorm=0.05), "binary_crossentropy")
    yield run("Adam, clipvalue", one, ["binary"], adam(clipvalue=0.01), "binary_crossentropy")
    yield run("SGD", one, ["binary"], O.SGD(0.5), "mse", ["mae", "mse"])
    yield run("SGD, momentum", logit, ["number"], O.SGD(0.1, momentum=0.9), "mse")
    yield run(
        *("SGD, nesterov, clipnorm", logit, ["number"]),
        *(O.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=0.1), "mse"),
    )
    yield run("SGD, clipvalue", logit, ["number"], O.SGD(0.5, clipvalue=0.02), "mae")
    yield run("RMSprop", logit, ["number"], O.RMSprop(0.01), "mse", steps=3)
    yield run(
        *("RMSprop, centered, momentum", logit, ["number"]),
        *(O.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True), "mse"),
    )
    yield run("Adagrad", logit, ["number"], O.Adagrad(0.1), "mse")
    yield run("Adadelta", logit, ["number"], O.Adadelta(1.0), "mse")
    yield run("Adamax", logit, ["number"], O.Adamax(0.01), "mse")
    if not of3:
        # By name, the optimizers of TensorFlow 2.11 to 2.15, written as Custom>….
        for name in ("adam", "rmsprop", "sgd", "adagrad", "adadelta", "adamax"):
            yield run(name, logit, ["number"], name, "mse")
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
        "cases": found,
    }
    path = pathlib.Path(__file__).with_name("compile.json")
    path.write_text(json.dumps(text, separators=(",", ":")) + "\n")
    print(len(found), "cases,", path.stat().st_size, "bytes")


main()
