"""Writes src/keras/reading/settings/default-settings.ts: what Keras itself sets when nobody says anything.

    python scripts/keras-default-settings.py [FOLDER WITH tf_keras] > src/keras/reading/settings/default-settings.ts

A setting that the reader does not know says nothing where it has this value. The defaults are those
of the constructors and of get_config() of layers that were made with them, in every Keras that can
be imported: keras, and tf_keras (Keras 2), from a folder with its source if it is not installed.
null and false are left out, since the reader takes them for nothing anyway.
"""

import importlib
import inspect
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path[:0] = sys.argv[1:]

# What constructors cannot do without.
NEEDED = {
    "activation": "relu", "axis": 1, "cell": None, "dims": (2, 1), "filters": 1, "function": None,
    "input_dim": 2, "kernel_size": 1, "layer": None, "max_value": 1, "n": 2, "num_heads": 1,
    "head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1, "key_dim": 1, "output_dim": 1,
    "rate": 0.5, "stddev": 0.5, "target_shape": (1,), "units": 1, "equation": "ab,bc->ac",
    "output_shape": (1,), "axes": -1, "pool_size": 2, "output_size": 1,
}  # fmt: skip
# Layers that prepare data are not read.
SKIPPED = ("preprocessing", "augmentation", "wrappers_", "jax_layer", "tfsm_layer", "torch_utils")
COMMON = {"name", "trainable", "dtype", "self", "args", "kwargs", "dynamic"}


def says_something(value):
    if isinstance(value, (list, tuple)):
        return len(value) > 0 and all(says_something(one) for one in value)
    return value is not None and value is not False and isinstance(value, (bool, int, float, str))


def constructor_defaults(layer):
    found = {}
    for base in reversed(layer.__mro__):
        # What all layers share is listed once, under Layer.
        shared = base.__name__ == "Layer" and layer.__name__ != "Layer"
        if shared or "__init__" not in vars(base):
            continue
        for name, parameter in inspect.signature(base.__init__).parameters.items():
            if parameter.default is not inspect.Parameter.empty:
                found[name] = parameter.default
    return found


def made(keras, layer):
    signature = inspect.signature(layer.__init__)
    needed = {
        name: NEEDED[name]
        for name, parameter in signature.parameters.items()
        if name in NEEDED and parameter.default is inspect.Parameter.empty
    }
    if "cell" in needed:
        needed["cell"] = keras.layers.LSTMCell(1)
    if "layer" in needed:
        inner = keras.layers.LSTM(1) if layer.__name__ == "Bidirectional" else keras.layers.Dense(1)
        needed["layer"] = inner
    return layer(**needed)


def settings_of(keras, layer):
    settings = [constructor_defaults(layer)]
    try:
        config = made(keras, layer).get_config()
        given = set(inspect.signature(layer.__init__).parameters) & set(NEEDED)
        settings.append({name: value for name, value in config.items() if name not in given})
    except Exception as error:  # Base classes cannot be made.
        print(f"{layer.__name__} was not made: {str(error)[:80]}", file=sys.stderr)
    for each in settings:
        for name, value in each.items():
            # Every layer with weights is asked for these.
            if name not in COMMON and not name.endswith("_initializer") and says_something(value):
                yield name, json.loads(json.dumps(value))


def layers_of(keras):
    for name in sorted(dir(keras.layers)):
        layer = getattr(keras.layers, name)
        if not inspect.isclass(layer) or not issubclass(layer, keras.layers.Layer):
            continue
        # Files hold a class under its own name, not under what else it is called.
        if any(part in layer.__module__ for part in SKIPPED) or name != layer.__name__:
            continue
        yield name, layer


def main():
    table, versions = {}, []
    for module in ("keras", "tf_keras"):
        try:
            keras = importlib.import_module(module)
        except ImportError as error:
            print(f"without {module}: {error}", file=sys.stderr)
            continue
        versions.append(f"{module} {keras.__version__}")
        for name, layer in layers_of(keras):
            for setting, value in settings_of(keras, layer):
                values = table.setdefault(name, {}).setdefault(setting, [])
                if value not in values:
                    values.append(value)
    print("/**")
    print(" * The values that settings of layers have in Keras when nobody says anything; null and false")
    print(" * are left out.")
    print(" *")
    print(f" * Made by scripts/keras-default-settings.py from {' and '.join(versions)}.")
    print(" */")
    print("type Settings = Readonly<Record<string, readonly unknown[]>>;")
    print()
    print("// biome-ignore format: one line a class")
    print("export const DEFAULT_SETTINGS: Readonly<Record<string, Settings>> = {")
    for name, values in sorted(table.items()):
        written = ", ".join(f"{key}: {json.dumps(values[key])}" for key in sorted(values))
        print(f"  {name}: {{ {written} }},".replace('"', "'"))
    print("};")


main()
