"""Writes text_vectorization.json: what Keras 3's TextVectorization makes of texts.

    python generate_text_vectorization.py

Every expected value is what the installed Keras returned; nothing is recomputed.
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

TEXTS = [
    "The movie was great, really great!",
    "It isn't a bad MOVIE; not bad at all...",
    "  spaces\tand\ttabs \n newlines\r\nand\x0bothers\x0c ",
    "no\u00a0break\u2003em\u3000wide\x1cseparator\x85next",
    "\u00c9t\u00e9 \u00e9T\u00c9 STRASSE stra\u00dfe \u0130stanbul \u01c5",
    "\u201cquoted\u201d \u2014 dash\u2026 10/10 don\u2019t [UNK] <br /><br />",
    "emoji \U0001f355 e\u0301 a\u0300bc",
    "!!! ???",
    "",
    "under_score back`tick \"double\" 'single' a'b {brace} ~til^de |pipe\\slash",
]

CASES = [
    {},
    {"standardize": "lower"},
    {"standardize": "strip_punctuation"},
    {"standardize": None},
    {"split": "character"},
    {"split": "character", "standardize": None},
    {"split": "character", "standardize": "lower", "output_sequence_length": 5},
    {"output_sequence_length": 3},
    {"output_sequence_length": 12, "max_tokens": 10},
    {"max_tokens": 8, "standardize": "lower"},
    {"vocabulary": ["movie", "great", "bad", "the"]},
    {"vocabulary": ["", "[UNK]", "movie", "great"], "output_sequence_length": 4},
]


def main():
    cases = []
    for options in CASES:
        layer = keras.layers.TextVectorization(**options)
        if "vocabulary" not in options:
            layer.adapt(TEXTS)
        sequences = np.asarray(layer(tf.constant(TEXTS)))
        config = layer.get_config()
        config = json.loads(json.dumps(config, default=str))
        cases.append(
            {
                "config": config,
                "vocabulary": layer.get_vocabulary(),
                "sequences": sequences.tolist(),
            }
        )
    out = {"keras": keras.__version__, "texts": TEXTS, "cases": cases}
    path = pathlib.Path(__file__).with_name("text_vectorization.json")
    path.write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
