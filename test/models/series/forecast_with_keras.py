"""Forecasts with the models of a folder in an installed Keras, as docs/series.md says.

    python forecast_with_keras.py FOLDER

For each NAME.json ({"recent", "offset", "scale", "relative", "targets", "values"}, all lists of numbers,
rows by time) it opens NAME.keras and prints a line of JSON: {"name", "difference"} or {"name", "error"},
where the difference is the largest from "values", in units of the scale.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # other instructions round otherwise
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402


def forecast(model, recent, offset, scale, relative, targets):
    window = model.input_shape[1]
    last = np.asarray(recent)[-window:]
    x = (last - offset) / scale
    base = offset[targets]
    if relative:
        x[:, targets] -= x[-1, targets]
        base = last[-1, targets]
    out = model.predict(x[np.newaxis], verbose=0).reshape(-1, len(targets))
    return base + scale[targets] * out


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    line = {"name": path.stem}
    try:
        case = json.loads(path.read_text())
        model = keras.models.load_model(path.with_suffix(".keras"))
        offset, scale = (np.asarray(case[key], "float64") for key in ("offset", "scale"))
        targets = case["targets"]
        values = forecast(model, case["recent"], offset, scale, case["relative"], targets)
        expected = np.asarray(case["values"], "float64")
        line["difference"] = float((np.abs(values - expected) / scale[targets]).max())
    except Exception as error:
        line["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(line), flush=True)
