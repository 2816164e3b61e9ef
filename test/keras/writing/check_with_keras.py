"""Opens the files of a folder in an installed Keras and compares its predictions with ours.

    python check_with_keras.py FOLDER [call]

For each NAME.io.json ({"inputs": [...], "outputs": [...]}, nested lists) it opens what there is of
NAME.keras, NAME.h5 and NAME.json with NAME.weights_h5, and prints one line of JSON for each:
{"name", "format", "difference"}, or {"name", "format", "error"}. With a "step" ({"x", "y",
"outputs"}) it also trains on one batch and compares what the model predicts then, which comes out
the same only if the optimizer goes on where it was. With `call`, models are called, not compiled to
predict, which takes a tenth of the time.
"""

import gc
import json
import os
import pathlib
import shutil
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # other instructions round otherwise
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

# Each clear_session collects garbage, in twice the time of a model where it looks at TensorFlow's modules, too.
gc.freeze()


def load(path, form):
    if form != "json+h5":
        return keras.models.load_model(path)
    model = keras.models.model_from_json(path.read_text())
    # Keras tells its two kinds of weights files apart by their names alone.
    with tempfile.TemporaryDirectory() as folder:
        weights = os.path.join(folder, "weights.h5")
        shutil.copy(path.with_suffix(".weights_h5"), weights)
        model.load_weights(weights)
    return model


def difference(model, case, call=False):
    inputs = [np.asarray(values, "float32") for values in case["inputs"]]
    inputs = inputs if len(inputs) > 1 else inputs[0]
    outputs = model(inputs, training=False) if call else model.predict(inputs, verbose=0)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    outputs = [np.asarray(output) for output in outputs]
    if len(outputs) != len(case["outputs"]):
        raise ValueError(f"{len(outputs)} outputs, expected {len(case['outputs'])}")
    worst = 0.0
    for received, expected in zip(outputs, case["outputs"]):
        expected = np.asarray(expected, "float32")
        if received.shape != expected.shape:
            raise ValueError(f"shape {received.shape}, expected {expected.shape}")
        # JSON has null for what is not a number, such as the mean of no steps.
        same = np.isnan(received) & np.isnan(expected)
        worst = max(worst, float(np.where(same, 0, np.abs(received - expected)).max()))
    return worst


def main(folder, how="predict"):
    print(json.dumps({"keras": keras.__version__, "backend": keras.backend.backend()}))
    for case_path in sorted(pathlib.Path(folder).glob("*.io.json")):
        name = case_path.name[: -len(".io.json")]
        case = json.loads(case_path.read_text())
        for form, ending in [("keras", ".keras"), ("h5", ".h5"), ("json+h5", ".json")]:
            path = case_path.with_name(name + ending)
            if not path.exists():
                continue
            line = {"name": name, "format": form}
            try:
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    model = load(path, form)
                    model.run_eagerly = True  # a graph takes longer to trace than to run once
                    line["difference"] = difference(model, case, how == "call")
                    if "step" in case and form == "keras":
                        step = case["step"]
                        x, y = (np.asarray(step[key], "float32") for key in ("x", "y"))
                        model.train_on_batch(x, y)
                        after = {"inputs": case["inputs"], "outputs": step["outputs"]}
                        line["difference_after_step"] = difference(model, after)
                if caught:
                    line["warnings"] = sorted({str(w.message) for w in caught})
                line["compiled"] = bool(model.compiled)
            except Exception as error:
                line["error"] = f"{type(error).__name__}: {error}"
            print(json.dumps(line), flush=True)
            keras.utils.clear_session()


if __name__ == "__main__":
    main(*sys.argv[1:])
