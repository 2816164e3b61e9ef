"""Small models of layers that real files hold, with what Keras predicts: `files/*.keras`, `*.h5` and io.json.

Run with Keras 3.15 (TensorFlow): python test/golden/generate_layers_of_files.py
CuDNNLSTM and CuDNNGRU, which Keras 2 alone has, are LSTM and GRU whose files are rewritten by the
inverse of what keras/engine/saving.py of 2.2.4 does when it reads them.
"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
import h5py
import keras
import numpy as np
from keras import Model, Sequential, layers

HERE = pathlib.Path(__file__).parent / "files"
HERE.mkdir(exist_ok=True)
RANDOM = np.random.default_rng(7)


def one(shape, *stack):
    return Sequential([layers.Input(shape), *stack])


def joined(make, shapes=((4, 3), (4, 3))):
    inputs = [layers.Input(shape) for shape in shapes]
    each = [layers.Dense(3)(x) for x in inputs]
    return Model(inputs, make(each))


def nested():
    inner = Sequential([layers.Input((4, 3)), layers.LSTM(3), layers.Dense(2, activation="tanh")], name="inner")
    x = layers.Input((4, 3))
    a = layers.Input((3,), name="a")
    branch = Model(a, layers.Dense(2)(layers.Dense(3, activation="relu")(a)), name="branch")
    return Model([x, a], layers.Concatenate()([inner(x), branch(a)]))


def deep():
    innermost = Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(3)], name="innermost")
    middle = Sequential([layers.Input((3,)), innermost, layers.Dense(2)], name="middle")
    return Sequential([layers.Input((3,)), layers.Dense(3), middle, layers.Dense(1)])


def shared():
    tower = Sequential([layers.Input((4, 3)), layers.GRU(3)], name="tower")
    x, y = layers.Input((4, 3)), layers.Input((4, 3))
    return Model([x, y], layers.Subtract()([tower(x), tower(y)]))


def over_time():
    frame = Sequential([layers.Input((4, 4, 1)), layers.Conv2D(2, 2), layers.Flatten(), layers.Dense(3)], name="frame")
    return one((3, 4, 4, 1), layers.TimeDistributed(frame), layers.LSTM(2))


MODELS = {
    "reshape": lambda: one((12,), layers.Reshape((4, 3)), layers.Permute((2, 1)), layers.Reshape((-1, 2)), layers.Flatten(), layers.Dense(2)),
    "merges": lambda: joined(lambda e: layers.Add()([layers.Multiply()(e), layers.Subtract()(e), layers.Average()(e), layers.Maximum()(e), layers.Minimum()(e)])),
    "dot": lambda: joined(lambda e: layers.Dot((1, 1))(e)),
    "dot_normalized": lambda: joined(lambda e: layers.Dot(-1, normalize=True)(e), ((3,), (3,))),
    "activations": lambda: one((4, 3), layers.Dense(3), layers.LeakyReLU(negative_slope=0.2), layers.Dense(3), layers.ELU(alpha=0.7), layers.Dense(3), layers.ReLU(max_value=6), layers.PReLU(alpha_initializer="random_normal"), layers.Dense(3), layers.PReLU(shared_axes=[1], alpha_initializer="random_normal"), layers.Softmax()),
    "noise": lambda: one((4, 3), layers.GaussianNoise(0.5), layers.Dense(3), layers.GaussianDropout(0.3), layers.AlphaDropout(0.2), layers.Dense(2)),
    "steps": lambda: one((5, 3), layers.ZeroPadding1D((1, 2)), layers.Conv1D(4, 3), layers.UpSampling1D(2), layers.Cropping1D((1, 3)), layers.AveragePooling1D(2), layers.GRU(3)),
    "averaging": lambda: one((7, 3), layers.AveragePooling1D(3, strides=2, padding="same"), layers.ZeroPadding1D(1), layers.Flatten()),
    "images": lambda: one((7, 8, 2), layers.ZeroPadding2D(((1, 0), (0, 1))), layers.Conv2D(3, (3, 2), strides=(2, 1), activation="relu"), layers.MaxPooling2D(2, strides=1), layers.UpSampling2D((2, 1)), layers.Cropping2D(((0, 1), (1, 0))), layers.AveragePooling2D((2, 2), padding="same"), layers.Conv2D(2, 2, dilation_rate=(2, 1), padding="same"), layers.Flatten(), layers.Dense(2)),
    "image_pools": lambda: joined(lambda e: layers.Concatenate()([layers.GlobalMaxPooling2D()(e[0]), layers.GlobalAveragePooling2D()(e[1])]), ((4, 4, 2), (3, 5, 2))),
    "over_time": lambda: one((3, 6, 6, 1), layers.TimeDistributed(layers.Conv2D(2, 3)), layers.TimeDistributed(layers.MaxPooling2D(2)), layers.TimeDistributed(layers.Flatten()), layers.TimeDistributed(layers.LeakyReLU(negative_slope=0.1)), layers.TimeDistributed(layers.BatchNormalization()), layers.LSTM(2)),
    "nested": nested,
    "deep": deep,
    "shared": shared,
    "nested_over_time": over_time,
    "cudnn_lstm": lambda: one((4, 3), layers.LSTM(5, return_sequences=True), layers.LSTM(2)),
    "cudnn_gru": lambda: one((4, 3), layers.GRU(5, return_sequences=True), layers.GRU(2)),
}


def to_cudnn(path):
    """Rewrites an .h5 of Keras as if CuDNNLSTM or CuDNNGRU of Keras 2.2 had been in it."""
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        kind = "LSTM" if "lstm" in path.name else "GRU"
        gates = 4 if kind == "LSTM" else 3
        for layer in config["config"]["layers"]:
            if layer["class_name"] != kind:
                continue
            old = layer["config"]
            kept = ["name", "units", "return_sequences", "return_state", "go_backwards", "stateful", "trainable"]
            layer["class_name"] = f"CuDNN{kind}"
            layer["module"] = "keras.layers"
            layer.pop("registered_name", None)
            layer.pop("build_config", None)
            layer["config"] = {key: old[key] for key in kept} | {"kernel_initializer": "glorot_uniform", "recurrent_initializer": "orthogonal", "bias_initializer": "zeros"}
            if kind == "LSTM":
                layer["config"]["unit_forget_bias"] = True
            group = file["model_weights"][old["name"]]
            paths = [name for name in group.attrs["weight_names"]]
            for name in paths:
                value = group[name][()]
                by_gate = lambda f, v: np.hstack([f(part) for part in np.hsplit(v, gates)])
                if "bias" in str(name):
                    # Two biases a gate; LSTM has their sum.
                    value = np.concatenate([value * 0.25, value * 0.75]) if kind == "LSTM" else value.reshape(-1)
                elif "recurrent" in str(name):
                    value = by_gate(lambda k: k.T, value)
                else:
                    value = by_gate(lambda k: k.T.reshape(k.shape, order="C"), value)
                del group[name]
                group[name] = value.astype("float32")
        file.attrs["model_config"] = json.dumps(config)


io = {"keras": keras.__version__, "cases": {}}
for name, make in MODELS.items():
    keras.utils.set_random_seed(3)
    keras.backend.clear_session()
    model = make()
    # Biases of zero would hide a wrong one, and a batch normalization of ones itself.
    model.set_weights([w + RANDOM.normal(0, 0.2, w.shape).astype("float32") ** (2 if "variance" in v.path else 1) for v, w in zip(model.weights, model.get_weights())])
    inputs = [RANDOM.normal(0, 1, (2, *tensor.shape[1:])).astype("float32").round(3) for tensor in model.inputs]
    output = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    model.save(HERE / f"{name}.h5")
    formats = ["h5"]
    if name.startswith("cudnn"):
        to_cudnn(HERE / f"{name}.h5")
    else:
        model.save(HERE / f"{name}.keras")
        formats.append("keras")
    io["cases"][name] = {
        "formats": formats,
        "inputs": [{"shape": list(x.shape), "values": [float(f"{v:.3f}") for v in x.ravel()]} for x in inputs],
        "output": {"shape": list(output.shape), "values": [float(v) for v in output.ravel()]},
    }
(HERE / "io.json").write_text(json.dumps(io) + "\n")
