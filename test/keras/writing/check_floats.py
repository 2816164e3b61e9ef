"""Opens the files of a folder in an installed Keras, and finds the floats that were written as integers.

    python check_floats.py FOLDER

Prints a line of JSON for each: {"file", "integers": [places], "learning_rate"} or {"file", "error"}.
Keras takes most integers without a word, and keeps them. What is a float, the defaults of its
constructors say.
"""

import inspect
import json
import os
import pathlib
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import h5py  # noqa: E402
import keras  # noqa: E402


def written(path):
    if path.suffix == ".keras":
        return json.loads(zipfile.ZipFile(path).read("config.json"))
    if path.suffix == ".json":
        return json.loads(path.read_text())
    attributes = h5py.File(path).attrs
    training = json.loads(attributes["training_config"])
    return {**json.loads(attributes["model_config"]), "compile_config": training}


MODULES = ("layers", "optimizers", "initializers", "regularizers", "constraints")
# Floats that have no default.
REQUIRED = {"rate", "stddev"}


def is_float(class_name, setting):
    for module in MODULES:
        made = getattr(getattr(keras, module), class_name, None)
        if inspect.isclass(made):
            parameter = inspect.signature(made.__init__).parameters.get(setting)
            return parameter is not None and (
                isinstance(parameter.default, float) or setting in REQUIRED
            )
    return False


def integers(value, place=""):
    """Where an integer is and Keras has a float."""
    if isinstance(value, list):
        for i, one in enumerate(value):
            yield from integers(one, f"{place}/{i}")
    elif isinstance(value, dict):
        config = value.get("config")
        for key, one in config.items() if isinstance(config, dict) else ():
            if type(one) is int and is_float(value.get("class_name", ""), key):
                yield f"{place}/{value['class_name']}.{key}"
        for key, one in value.items():
            yield from integers(one, f"{place}/{key}")


for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    line = {"file": path.name}
    try:
        ours = written(path)
        if path.suffix == ".json":
            model = keras.models.model_from_json(path.read_text())
        else:
            model = keras.models.load_model(path)
            line["learning_rate"] = float(model.optimizer.learning_rate)
        line["integers"] = list(integers(ours))
    except Exception as error:
        line["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(line), flush=True)
