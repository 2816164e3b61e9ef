"""Opens the files of a folder in an installed Keras, and finds the floats that were written as integers.

    python check_floats.py FOLDER

Prints a line of JSON for each: {"file", "integers": [places], "learning_rate"} or {"file", "error"}.
What a float is, Keras's own writing of the opened model says.
"""

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


def integers(ours, theirs, place=""):
    """Where we have an integer and Keras has a float."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() & theirs.keys():
            yield from integers(ours[key], theirs[key], f"{place}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (one, other) in enumerate(zip(ours, theirs)):
            yield from integers(one, other, f"{place}/{i}")
    elif type(ours) is int and type(theirs) is float:
        yield place


for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    line = {"file": path.name}
    try:
        ours = written(path)
        if path.suffix == ".json":
            model = keras.models.model_from_json(path.read_text())
        else:
            model = keras.models.load_model(path)
            line["learning_rate"] = float(model.optimizer.learning_rate)
            optimizer = ours["compile_config"]
            optimizer = (optimizer.get("optimizer_config") or optimizer["optimizer"])["config"]
            line["integers"] = list(integers(optimizer, model.optimizer.get_config()))
        theirs = json.loads(model.to_json())
        line["integers"] = line.get("integers", []) + list(integers(ours, theirs))
    except Exception as error:
        line["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(line), flush=True)
