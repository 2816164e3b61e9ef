"""Writes traces.json: every gate and state of recurrent layers, cell by cell.

    python generate_traces.py

Keras does not show its gates, so NumPy computes them in float64 by the formulas of Keras' cells. The
state behind every step must be what the installed Keras returns, or nothing is written.
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

BATCH, TIME, INPUTS = 5, 6, 3


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def hard_sigmoid(z):
    """That of Keras 2 and TensorFlow.js."""
    return np.clip(0.2 * z + 0.5, 0, 1)


def lstm(x, states, weights, gate):
    (kernel, recurrent, bias), (h, c) = weights, states
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
    i, f, g, o = gate(i), gate(f), np.tanh(g), gate(o)
    c = f * c + i * g
    h = o * np.tanh(c)
    gates = {"inputGate": i, "forgetGate": f, "candidate": g, "outputGate": o, "cellState": c}
    return [h, c], gates


def gru(x, states, weights, gate):
    (kernel, recurrent, bias), [h] = weights, states
    xz, xr, xn = np.split(x @ kernel + (bias[0] if bias.ndim == 2 else bias), 3, axis=1)
    uz, ur, un = np.split(recurrent, 3, axis=1)
    if bias.ndim == 2:  # reset_after
        bz, br, bn = np.split(bias[1], 3)
        z, r = gate(xz + h @ uz + bz), gate(xr + h @ ur + br)
        n = np.tanh(xn + r * (h @ un + bn))
    else:
        z, r = gate(xz + h @ uz), gate(xr + h @ ur)
        n = np.tanh(xn + (r * h) @ un)
    return [z * h + (1 - z) * n], {"updateGate": z, "resetGate": r, "candidate": n}


def simple_rnn(x, states, weights, _):
    (kernel, recurrent, bias), [h] = weights, states
    return [np.tanh(x @ kernel + h @ recurrent + bias)], {}


CELLS = {"LSTM": (lstm, 2), "GRU": (gru, 1), "SimpleRNN": (simple_rnn, 1)}


def trace(name, x, weights, gate, mask, backwards, units):
    step, count = CELLS[name]
    x = x.astype("float64")
    weights = [w.astype("float64") for w in weights]
    states = [np.zeros((len(x), units)) for _ in range(count)]
    found = {}
    order = range(x.shape[1])
    for t in reversed(order) if backwards else order:
        new, gates = step(x[:, t], states, weights, gate)
        kept = mask[:, t, None] if mask is not None else np.ones((len(x), 1), bool)
        states = [np.where(kept, after, before) for after, before in zip(new, states)]
        values = {**gates, "hiddenState": states[0]}
        for key, value in values.items():
            if key == "cellState":
                value = states[1]
            elif key != "hiddenState":
                value = np.where(kept, value, 0)
            found.setdefault(key, np.zeros((*x.shape[:2], units)))[:, t] = value
    return found


def main():
    rng = np.random.default_rng(1)
    cases = []
    for name, options in [
        ("LSTM", {}),
        ("GRU", {"reset_after": True}),
        ("GRU", {"reset_after": False}),
        ("SimpleRNN", {}),
    ]:
        for units in (5, 8):
            for masked in (False, True):
                for backwards in (False, True):
                    hard = units == 5 and name != "SimpleRNN" and masked
                    layer = getattr(keras.layers, name)(
                        units,
                        return_sequences=True,
                        go_backwards=backwards,
                        **options,
                        **({"recurrent_activation": lambda z: keras.ops.clip(0.2 * z + 0.5, 0, 1)} if hard else {}),
                    )
                    layer.build((BATCH, TIME, INPUTS))
                    weights = [(0.5 * rng.normal(size=w.shape)).astype("float32") for w in layer.get_weights()]
                    layer.set_weights(weights)
                    x = rng.normal(size=(BATCH, TIME, INPUTS)).astype("float32")
                    mask = rng.random((BATCH, TIME)) < 0.6 if masked else None
                    found = trace(name, x, weights, hard_sigmoid if hard else sigmoid, mask, backwards, units)
                    keras_h = np.array(layer(x, mask=mask))
                    if backwards:
                        keras_h = keras_h[:, ::-1]
                    # Keras repeats its last output at a masked step, as h does once a step has counted.
                    last = found["hiddenState"][:, 0 if backwards else -1]
                    assert np.abs(keras_h[:, 0 if backwards else -1] - last).max() < 1e-6
                    if mask is None:
                        off = np.abs(keras_h - found["hiddenState"]).max()
                        assert off < 1e-6, (name, options, units, backwards, off)
                    cases.append(
                        {
                            "layer": name,
                            "units": units,
                            "resetAfter": options.get("reset_after", False),
                            "recurrentActivation": "hardSigmoid" if hard else "sigmoid",
                            "goBackwards": backwards,
                            "weights": [{"shape": w.shape, "values": w.ravel().tolist()} for w in weights],
                            "x": x.tolist(),
                            "mask": None if mask is None else mask.tolist(),
                            "trace": {
                                key: np.round(value, 9).tolist() for key, value in sorted(found.items())
                            },
                        }
                    )
    versions = {"keras": keras.__version__, "numpy": np.__version__}
    path = pathlib.Path(__file__).with_name("traces.json")
    path.write_text(json.dumps({"versions": versions, "cases": cases}) + "\n")


main()
