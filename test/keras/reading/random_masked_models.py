"""Makes random functional models with masks in an installed Keras, and says what they predict.

    python random_masked_models.py FOLDER [FIRST] [COUNT]

For each seed from FIRST (0) it writes SEED.keras and SEED.h5, and SEED.json: {"inputs": [...],
"outputs": [...]}, each {"shape", "values"}, values as the Base64 of little-endian float32. The last
line that it prints is the versions.
"""

import base64
import gc
import json
import os
import pathlib
import random
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # other instructions round otherwise
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

# Whatever collects garbage need not look at TensorFlow's modules, too.
gc.freeze()

layers = keras.layers

BATCH = 6
WORDS = 9
RECURRENT = {"lstm": layers.LSTM, "gru": layers.GRU, "simple": layers.SimpleRNN}
STATES = {"lstm": 2, "gru": 1, "simple": 1}


class Builder:
    """Adds layers to what there is, at random: sequences, vectors, and states for others."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.inputs = []
        self.data = []
        self.sequences = []  # [batch, time, features]
        self.vectors = []  # [batch, features]
        self.states = {kind: [] for kind in RECURRENT}  # lists of tensors of one layer
        self.used = set()  # what another layer has read
        self.embeddings = []
        self.shared = []  # layers that can be called again, and the features they take
        self.rng = np.random.default_rng(seed)
        self.time = self.random.choice([4, 5, 6])

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, tensors):
        # Mostly one of the last, so that the model grows deep.
        tensor = self.random.choice(tensors[-4:] if self.chance(0.8) else tensors)
        self.used.add(id(tensor))
        return tensor

    def units(self):
        return self.random.choice([2, 3])

    def add(self, tensor):
        (self.sequences if len(tensor.shape) == 3 else self.vectors).append(tensor)

    # What a model begins with.

    def words(self):
        time = self.time if self.chance(0.8) else self.time + 1
        tokens = layers.Input((time,), dtype="int32", name=f"words_{len(self.inputs)}")
        rows = self.rng.integers(1, WORDS, size=(BATCH, time))
        rows[0, : self.random.randint(1, time - 1)] = 0  # padding in front
        rows[1, self.random.randint(1, time - 1) :] = 0  # behind
        rows[2, self.rng.random(time) < 0.5] = 0  # between
        rows[2, 1] = 3
        if self.chance(0.3):
            rows[3] = 0  # nothing else
        self.inputs.append(tokens)
        self.data.append(rows.astype("int32"))
        if not self.embeddings or self.chance(0.6):
            width = self.units()
            self.embeddings.append(layers.Embedding(WORDS, width, mask_zero=self.chance(0.8)))
        self.add(self.random.choice(self.embeddings)(tokens))

    def numbers(self):
        width = self.units()
        steps = layers.Input((self.time, width), name=f"numbers_{len(self.inputs)}")
        x = self.rng.normal(size=(BATCH, self.time, width)).astype("float32")
        value = self.random.choice([0.0, -1.0])
        x[self.rng.random((BATCH, self.time)) < 0.4] = value
        x[0, 0] = value
        x[1, -1, 0] = value  # half a step, which counts
        self.inputs.append(steps)
        self.data.append(x)
        masked = self.chance(0.5)
        self.add(layers.Masking(mask_value=value)(steps) if masked else steps)

    # Layers that read sequences.

    def recurrent(self, kind=None, x=None, states=None, **settings):
        kind = kind or self.random.choice(list(RECURRENT))
        x = x if x is not None else self.pick(self.sequences)
        if states is None and self.states[kind] and self.chance(0.4):
            states = self.random.choice(self.states[kind])
        units = states[0].shape[-1] if states else self.units()
        options = dict(
            return_sequences=self.chance(0.6),
            return_state=self.chance(0.3),
            go_backwards=self.chance(0.25),
            zero_output_for_mask=self.chance(0.25),
        )
        if kind == "gru":
            options["reset_after"] = self.chance(0.7)
        layer = RECURRENT[kind](units, **{**options, **settings})
        self.shared.append((layer, x.shape[-1], kind if states else None))
        self.take(kind, layer(x, initial_state=states) if states else layer(x))
        if states:
            self.used.update(id(state) for state in states)

    def take(self, kind, outputs):
        if not isinstance(outputs, (list, tuple)):
            self.add(outputs)
            return
        self.add(outputs[0])
        self.states[kind].append(list(outputs[1:]))
        self.used.update(id(state) for state in outputs[1:])

    def decoder(self):
        kind = self.random.choice(list(RECURRENT))
        self.recurrent(kind, return_state=True)
        self.recurrent(kind, states=self.states[kind][-1], return_sequences=self.chance(0.8))

    def bidirectional(self):
        kind = self.random.choice(list(RECURRENT))
        x = self.pick(self.sequences)
        mode = self.random.choice(["concat", "concat", "sum", "ave", "mul", None])
        count = 2 * STATES[kind]
        fitting = [s for s in self.states[kind] if len(s) == STATES[kind]]
        states = self.random.choice(fitting) * 2 if fitting and self.chance(0.3) else None
        units = states[0].shape[-1] if states else self.units()
        inner = RECURRENT[kind](
            units,
            return_sequences=self.chance(0.7),
            return_state=self.chance(0.2),
            go_backwards=self.chance(0.1),
        )
        if inner.go_backwards:
            layer = layers.Bidirectional(
                inner, merge_mode=mode, backward_layer=self.turned(inner)
            )
        else:
            layer = layers.Bidirectional(inner, merge_mode=mode)
        outputs = layer(x, initial_state=states) if states else layer(x)
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        if inner.return_state:
            self.states[kind] += [outputs[-count : -count + STATES[kind]]]
            self.used.update(id(state) for state in outputs[-count:])
            outputs = outputs[:-count]
        for output in outputs:
            self.add(output)

    def turned(self, layer):
        config = layer.get_config()
        config.update(go_backwards=False, name=layer.name + "_back")
        return type(layer).from_config(config)

    def again(self):
        """A layer once more: its weights, and nothing else, are those of before."""
        x = self.pick(self.sequences)
        fitting = [one for one in self.shared if one[1] == x.shape[-1]]
        if not fitting:
            return
        layer, _, kind = self.random.choice(fitting)
        units = layer.units if kind else 0
        states = [s for s in self.states.get(kind, []) if s[0].shape[-1] == units]
        arguments = {"initial_state": self.random.choice(states)} if states else {}
        outputs = layer(x, **arguments)
        self.add(outputs[0] if isinstance(outputs, (list, tuple)) else outputs)

    def stepwise(self):
        x = self.pick(self.sequences)
        make = self.random.choice(
            [
                lambda: layers.Dense(self.units(), activation="tanh"),
                lambda: layers.TimeDistributed(layers.Dense(self.units())),
                lambda: layers.TimeDistributed(layers.Activation("sigmoid")),
                lambda: layers.Dropout(0.5),
                lambda: layers.SpatialDropout1D(0.5),
                lambda: layers.Activation("tanh"),
                lambda: layers.LayerNormalization(),
                lambda: layers.BatchNormalization(),
            ]
        )
        layer = make()
        if isinstance(layer, layers.Dense):
            self.shared.append((layer, x.shape[-1], None))
        self.add(layer(x))

    def merge(self):
        x = self.pick(self.sequences)
        kind = self.random.choice(["features", "time", "same", "same"])
        same = {
            "features": lambda y: y.shape[1] == x.shape[1],
            "time": lambda y: y.shape[2] == x.shape[2],
            "same": lambda y: y.shape == x.shape,
        }[kind]
        others = [y for y in self.sequences if same(y) and y is not x]
        if not others:
            return
        joined = [x, *self.random.sample(others, min(len(others), self.random.choice([1, 1, 2])))]
        if kind != "same":
            self.add(layers.Concatenate(axis=1 if kind == "time" else -1)(joined))
        else:
            names = ["Add", "Add", "Average", "Multiply", "Maximum", "Minimum", "Subtract"]
            name = self.random.choice(names)
            if name == "Subtract":
                joined = joined[:2]
            self.add(getattr(layers, name)()(joined))
        self.used.update(id(tensor) for tensor in joined)

    def pool(self):
        x = self.pick(self.sequences)
        make = self.random.choice(
            [
                layers.GlobalAveragePooling1D,
                layers.GlobalAveragePooling1D,
                layers.GlobalMaxPooling1D,
                layers.Flatten,
                lambda: layers.Conv1D(self.units(), 2, padding="same"),
                lambda: layers.MaxPooling1D(2, strides=1, padding="same"),
            ]
        )
        self.add(make()(x))

    # Layers that read vectors.

    def repeat(self):
        if not self.vectors:
            return
        x = self.pick(self.vectors)
        if x.shape[-1] > 8:
            x = layers.Dense(self.units())(x)
        self.add(layers.RepeatVector(self.time)(x))

    def join(self):
        if len(self.vectors) < 2:
            return
        joined = self.random.sample(self.vectors, 2)
        self.used.update(id(tensor) for tensor in joined)
        self.add(layers.Concatenate()(joined))

    def model(self, name):
        self.words()
        for begin in self.random.choices([self.words, self.numbers], k=self.random.choice([1, 2])):
            begin()
        steps = {
            self.recurrent: 4,
            self.decoder: 2,
            self.bidirectional: 3,
            self.again: 2,
            self.stepwise: 3,
            self.merge: 4,
            self.pool: 2,
            self.repeat: 2,
            self.join: 1,
        }
        for step in self.random.choices(list(steps), list(steps.values()), k=9):
            step()
        ends = [x for x in [*self.sequences, *self.vectors] if id(x) not in self.used]
        ends = self.random.sample(ends, min(len(ends), 4))
        return keras.Model(self.inputs, ends[0] if len(ends) == 1 else ends, name=name)


def tensor(values):
    values = np.asarray(values, "<f4")
    text = base64.b64encode(values.tobytes()).decode("ascii")
    return {"shape": list(values.shape), "values": text}


def write(folder, seed):
    keras.utils.set_random_seed(seed)
    builder = Builder(seed)
    model = builder.model(f"masks_{seed}")
    # Biases are zeros at first, with which a mask that is not followed might go unseen.
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=w.shape) * 0.7 for w in model.get_weights()])
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))
    data = builder.data
    outputs = model(data if len(data) > 1 else data[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    case = {"inputs": [tensor(x) for x in data], "outputs": [tensor(y) for y in outputs]}
    (folder / f"{seed}.json").write_text(json.dumps(case) + "\n")
    model.save(folder / f"{seed}.keras")
    model.save(folder / f"{seed}.h5")


def main(folder, first=0, count=200):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(int(first), int(first) + int(count)):
        write(folder, seed)
        if seed % 20 == 19:
            keras.backend.clear_session()
    print(f"Keras {keras.__version__}, {keras.backend.backend()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
