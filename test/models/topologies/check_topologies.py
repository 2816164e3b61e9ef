"""Opens models of topologies in an installed Keras, and compares predictions, losses and accuracies.

    python check_topologies.py FOLDER

For each NAME.io.json ({"inputs", "types", "outputs", "labels", "scores"}) it opens NAME.keras and prints one
line of JSON: {"name", "difference", "scores"} or {"name", "error"}. "scores" are the loss and, where
there is one, the accuracy of the batch, as far as they are from ours.
"""

import gc
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # other instructions round otherwise
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

# Each clear_session collects garbage, and need not look at TensorFlow's modules, too.
gc.freeze()

print(json.dumps({"keras": keras.__version__, "backend": keras.backend.backend()}))
for case_path in sorted(pathlib.Path(sys.argv[1]).glob("*.io.json")):
    name = case_path.name[: -len(".io.json")]
    case = json.loads(case_path.read_text())
    try:
        model = keras.models.load_model(case_path.with_name(name + ".keras"))
        model.run_eagerly = True  # a graph takes longer to trace than to run once
        inputs = [np.asarray(v, t) for v, t in zip(case["inputs"], case["types"])]
        inputs = inputs if len(inputs) > 1 else inputs[0]
        outputs = np.asarray(model(inputs, training=False))
        difference = float(np.abs(outputs - np.asarray(case["outputs"], "float32")).max())
        scores = model.evaluate(inputs, np.asarray(case["labels"], "float32"), verbose=0)
        scores = np.abs(np.ravel(scores) - case["scores"]).tolist()
        print(json.dumps({"name": name, "difference": difference, "scores": scores}), flush=True)
    except Exception as error:
        print(json.dumps({"name": name, "error": f"{type(error).__name__}: {error}"}), flush=True)
    keras.utils.clear_session()
