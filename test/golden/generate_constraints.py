"""Writes constraints.json and constraints/: training with constraints and regularizers by real Keras.

    python generate_constraints.py

Every expected value is what the installed Keras returned; nothing is recomputed. A case is a list of
layers, with constraints and regularizers by the names that TensorFlow.js gives them. All are trained
by SGD, with batches in their order. The weights that they begin with keep to no constraint, as those
of a file may.
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
SAMPLES, TIME, FEATURES, BATCH, EPOCHS, RATE = 8, 4, 3, 4, 3, 0.1

NON_NEG = ["nonNeg", {}]
MAX = ["maxNorm", {"maxValue": 0.6}]
MAX_OF_ROWS = ["maxNorm", {"maxValue": 0.5, "axis": 1}]
UNIT = ["unitNorm", {}]
MIN_MAX = ["minMaxNorm", {"minValue": 0.3, "maxValue": 0.7, "rate": 0.5}]

L1 = ["l1", {"l1": 0.05}]
L2 = ["l2", {"l2": 0.2}]
L1L2 = ["l1l2", {"l1": 0.03, "l2": 0.1}]


def dense(units=1, **settings):
    return {"class": "dense", "units": units, **settings}


def embedding(**settings):
    return {"class": "embedding", "inputDim": 7, "outputDim": 3, **settings}


def recurrent(name, **settings):
    gates = {} if name == "simpleRNN" else {"recurrentActivation": "sigmoid"}
    return {"class": name, "units": 3, **gates, **settings}


def both(layer):
    return {"class": "bidirectional", "layer": layer}


def steps(layer):
    return {"class": "timeDistributed", "layer": layer}


def constrained():
    kinds = {"nonNeg": NON_NEG, "maxNorm": MAX, "unitNorm": UNIT, "minMaxNorm": MIN_MAX}
    for name, one in kinds.items():
        yield f"dense, {name}", [
            recurrent("lstm"),
            dense(2, kernelConstraint=one, biasConstraint=one),
            dense(),
        ]
        yield f"embedding, {name}", [embedding(embeddingsConstraint=one), recurrent("gru"), dense()]
    three = {"kernelConstraint": MAX, "recurrentConstraint": UNIT, "biasConstraint": NON_NEG}
    others = {"kernelConstraint": MIN_MAX, "recurrentConstraint": MAX_OF_ROWS}
    for name in ("lstm", "gru", "simpleRNN"):
        yield f"{name}, three", [recurrent(name, **three), dense()]
        yield f"{name}, two", [recurrent(name, **others), dense()]
        yield f"bidirectional {name}", [both(recurrent(name, **three)), dense()]
    yield "gru, resetAfter", [recurrent("gru", resetAfter=True, **three), dense()]
    yield "timeDistributed", [
        recurrent("lstm", returnSequences=True),
        steps(dense(2, kernelConstraint=UNIT, biasConstraint=NON_NEG)),
        recurrent("gru"),
        dense(),
    ]
    yield "stacked", [
        recurrent("lstm", returnSequences=True, recurrentConstraint=MAX),
        recurrent("lstm", kernelConstraint=NON_NEG),
        dense(kernelConstraint=MAX_OF_ROWS),
    ]
    yield "frozen", [
        recurrent("lstm", kernelConstraint=NON_NEG),
        dense(2, kernelConstraint=UNIT, trainable=False),
        dense(kernelConstraint=NON_NEG),
    ]


def regularized():
    for name, one in {"l1": L1, "l2": L2, "l1l2": L1L2}.items():
        yield f"dense, {name}", [
            recurrent("lstm"),
            dense(2, kernelRegularizer=one, biasRegularizer=one),
            dense(),
        ]
        yield f"embedding, {name}", [
            embedding(embeddingsRegularizer=one),
            recurrent("gru"),
            dense(),
        ]
    three = {"kernelRegularizer": L1L2, "recurrentRegularizer": L2, "biasRegularizer": L1}
    for name in ("lstm", "gru", "simpleRNN"):
        for key, one in three.items():
            yield f"{name}, {key}", [recurrent(name, **{key: one}), dense()]
        yield f"{name}, three", [recurrent(name, **three), dense()]
        yield f"bidirectional {name}", [both(recurrent(name, **three)), dense()]
    yield "gru, resetAfter", [recurrent("gru", resetAfter=True, **three), dense()]
    yield "timeDistributed", [
        recurrent("lstm", returnSequences=True),
        steps(dense(2, kernelRegularizer=L2, biasRegularizer=L1)),
        recurrent("gru"),
        dense(),
    ]
    yield "stacked", [
        recurrent("lstm", returnSequences=True, kernelRegularizer=L2),
        both(recurrent("lstm", recurrentRegularizer=L1)),
        dense(kernelRegularizer=L1L2),
    ]
    yield "frozen", [
        recurrent("lstm", kernelRegularizer=L2),
        dense(2, kernelRegularizer=L2, trainable=False),
        dense(),
    ]
    yield "shared by two branches", "shared"
    yield "with a constraint", [
        recurrent("lstm", kernelRegularizer=L2, kernelConstraint=MAX),
        dense(kernelRegularizer=L1, kernelConstraint=NON_NEG),
    ]


SHARED = dense(3, kernelRegularizer=L2, biasRegularizer=L1, kernelConstraint=MAX)

CLASSES = {
    "dense": "Dense",
    "embedding": "Embedding",
    "lstm": "LSTM",
    "gru": "GRU",
    "simpleRNN": "SimpleRNN",
    "bidirectional": "Bidirectional",
    "timeDistributed": "TimeDistributed",
}


def snake(name):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def object_of(key, value):
    name, config = value
    module = keras.constraints if key.endswith("Constraint") else keras.regularizers
    class_name = name if name == "l1l2" else name[0].upper() + name[1:]
    return getattr(module, {"l1l2": "L1L2"}.get(class_name, class_name))(
        **{snake(key): each for key, each in config.items()}
    )


def layer_of(spec):
    settings = {}
    for key, value in spec.items():
        if key in ("class", "layer"):
            continue
        is_object = key.endswith(("Constraint", "Regularizer"))
        settings[snake(key)] = object_of(key, value) if is_object else value
    if spec["class"] == "gru":
        settings.setdefault("reset_after", False)
    if "layer" in spec:
        settings["layer"] = layer_of(spec["layer"])
    return getattr(keras.layers, CLASSES[spec["class"]])(**settings)


def shared_model():
    x = keras.layers.Input((TIME, FEATURES))
    last = keras.layers.LSTM(3)(x)
    shared = layer_of(SHARED)
    once = shared(last)
    joined = keras.layers.Add()([once, shared(once)])
    return keras.Model(x, keras.layers.Dense(1)(joined))


def model_of(layers):
    if layers == "shared":
        return shared_model()
    is_words = layers[0]["class"] == "embedding"
    shape = (TIME,) if is_words else (TIME, FEATURES)
    return keras.Sequential(
        [keras.layers.Input(shape, dtype="int32" if is_words else "float32")]
        + [layer_of(spec) for spec in layers]
    )


def listed(arrays):
    # The shortest decimals that are read back as the same float32.
    return [
        {"shape": list(a.shape), "values": [float(str(np.float32(v))) for v in a.ravel()]}
        for a in arrays
    ]


def train(layers, seed):
    keras.utils.set_random_seed(seed)
    model = model_of(layers)
    rng = np.random.default_rng(seed)
    model.set_weights(
        [(rng.normal(size=w.shape) * 0.8).astype("float32") for w in model.get_weights()]
    )
    if layers != "shared" and layers[0]["class"] == "embedding":
        x = rng.integers(0, 7, size=(SAMPLES, TIME)).astype("float32")
    else:
        x = rng.normal(size=(SAMPLES, TIME, FEATURES)).astype("float32")
    y = rng.normal(size=(SAMPLES, 1)).astype("float32")
    model.compile(keras.optimizers.SGD(RATE), "mse")
    case = {"inputs": listed([x])[0], "labels": listed([y])[0]}
    case["initial"] = listed(model.get_weights())
    case["lossBefore"] = float(model.evaluate(x, y, batch_size=BATCH, verbose=0))
    fitted = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
    case["losses"] = [float(loss) for loss in fitted.history["loss"]]
    case["weights"] = listed(model.get_weights())
    case["lossAfter"] = float(model.evaluate(x, y, batch_size=BATCH, verbose=0))
    return case


def write_files():
    """A model whose weights keep to none of its constraints."""
    folder = FOLDER / "constraints"
    folder.mkdir(exist_ok=True)
    layers = [
        both(recurrent("lstm", returnSequences=True, kernelConstraint=MAX, biasConstraint=NON_NEG)),
        recurrent("gru", recurrentConstraint=UNIT),
        dense(2, kernelConstraint=MIN_MAX),
    ]
    model = model_of(layers)
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(size=w.shape) * 0.8 for w in model.get_weights()])
    x = rng.normal(size=(SAMPLES, TIME, FEATURES)).astype("float32")
    for extension in ("keras", "h5"):
        model.save(folder / f"constrained.{extension}")
    predictions = model.predict(x, verbose=0)
    out = {"keras": keras.__version__, "inputs": listed([x])[0]}
    out["predictions"] = listed([predictions])[0]
    out["weights"] = listed(model.get_weights())
    (folder / "constrained.io.json").write_text(json.dumps(out) + "\n")


def main():
    out = {"keras": keras.__version__, "batch": BATCH, "epochs": EPOCHS, "learningRate": RATE}
    out["shared"] = SHARED
    for key, cases in (("constraints", constrained()), ("regularizers", regularized())):
        out[key] = [
            {"name": name, "layers": layers, **train(layers, seed)}
            for seed, (name, layers) in enumerate(cases, start=1)
        ]
    (FOLDER / "constraints.json").write_text(json.dumps(out) + "\n")
    write_files()


if __name__ == "__main__":
    main()
