"""Writes ctc.json: losses, gradients and decoded labels of connectionist temporal classification by Keras.

    KERAS_BACKEND=tensorflow python generate_ctc.py

Logits come from a formula that the test repeats, so that the file holds the results alone: `logit(i)` of
case n is 3 * sin(n + 1.7 * i + 0.013 * i * i), rounded to float32.
"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
import torch

CASES = [
    # name, labels, label lengths, logit lengths, time, classes, blank
    ("two_labels", [[1, 2]], [2], [4], 4, 3, 0),
    ("repeated", [[1, 1, 2], [3, 3, 3]], [3, 3], [7, 6], 7, 5, 0),
    ("shorter_than_padded", [[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [2, 2, 1, 5, 6]], [3, 1, 5], [9, 4, 6], 11, 7, 0),
    ("padded_with_minus_one", [[1, -1, -1], [2, 3, 1]], [1, 3], [5, 5], 5, 4, 0),
    ("last_class_is_blank", [[0, 1], [2, 2]], [2, 2], [6, 5], 6, 4, 3),
    ("middle_class_is_blank", [[0, 1, 3], [4, 4, 0]], [3, 2], [6, 6], 6, 5, 2),
    ("just_enough_frames", [[1, 2, 2, 1]], [4], [5], 5, 4, 0),
    ("empty", [[], []], [0, 0], [3, 5], 5, 6, 0),
    ("one_class_beside_the_blank", [[1, 1]], [2], [9], 9, 2, 0),
    ("long", [[1 + i % 6 for i in range(120)]], [118], [390], 400, 9, 0),
    ("many_labels", [[1 + (7 * i) % 37 for i in range(31)]], [31], [50], 50, 38, 0),
]


def logits(number, batch, time, classes):
    i = np.arange(batch * time * classes, dtype="float64")
    return (3 * np.sin(number + 1.7 * i + 0.013 * i * i)).astype("float32").reshape(batch, time, classes)


def floats(array):
    return [float(value) for value in np.asarray(array, "float32").ravel()]


cases = []
for number, (name, labels, label_lengths, logit_lengths, time, classes, blank) in enumerate(CASES):
    x = tf.constant(logits(number, len(labels), time, classes))
    target = np.array(labels, "int32").reshape(len(labels), -1)
    weights = np.arange(1, len(labels) + 1, dtype="float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = keras.ops.ctc_loss(target, x, np.array(label_lengths), np.array(logit_lengths), mask_index=blank)
        total = tf.reduce_sum(loss * weights)
    # In doubles, by another implementation: Keras rounds to floats at every frame.
    z = torch.tensor(x.numpy(), dtype=torch.float64)
    exact = torch.nn.functional.ctc_loss(
        torch.log_softmax(z, -1).transpose(0, 1), torch.tensor(np.maximum(target, 0)),
        torch.tensor(logit_lengths), torch.tensor(label_lengths), blank=blank, reduction="none",
    )
    cases.append(dict(
        name=name, labels=labels, labelLengths=label_lengths, logitLengths=logit_lengths, time=time,
        classes=classes, blank=blank, losses=floats(loss), gradient=floats(tape.gradient(total, x)),
        exactLosses=floats(exact),
    ))

decoded = []
for number, (time, classes, lengths, blank, merge) in enumerate([
    (6, 4, [6, 4], 0, True), (6, 4, [6, 4], 0, False), (9, 5, [9, 1, 7], 4, True), (9, 5, [9, 1, 7], 2, False),
]):
    x = logits(100 + number, len(lengths), time, classes)
    arguments = dict(merge_repeated=merge, mask_index=blank)
    labels, scores = keras.ops.ctc_decode(x, np.array(lengths), **arguments)
    beams, beam_scores = keras.ops.ctc_decode(
        x, np.array(lengths), strategy="beam_search", beam_width=2000, top_paths=3, **arguments)
    narrow, narrow_scores = keras.ops.ctc_decode(
        x, np.array(lengths), strategy="beam_search", beam_width=4, top_paths=2, **arguments)
    decoded.append(dict(
        time=time, classes=classes, lengths=lengths, blank=blank, mergeRepeated=merge,
        greedy=dict(labels=np.asarray(labels).tolist(), scores=np.asarray(scores).tolist()),
        beam=dict(labels=np.asarray(beams).tolist(), scores=np.asarray(beam_scores).tolist()),
        narrow=dict(labels=np.asarray(narrow).tolist(), scores=np.asarray(narrow_scores).tolist()),
    ))

# A model whose loss is keras.losses.CTC: what the padding of labels means there.
ofModel = []
y = np.array([[1, 2, 0], [3, 3, 1]], "int32")
x = logits(200, 2, 8, 4)
ofModel.append(dict(labels=y.tolist(), losses=floats(keras.losses.CTC(reduction=None)(y, x)),
                    loss=float(keras.losses.CTC()(y, x))))

out = dict(
    versions=dict(keras=keras.__version__, tensorflow=tf.__version__, torch=torch.__version__.split("+")[0],
                  numpy=np.__version__),
    cases=cases, decoded=decoded, ofModel=ofModel,
)
pathlib.Path(__file__).with_name("ctc.json").write_text(json.dumps(out) + "\n")
