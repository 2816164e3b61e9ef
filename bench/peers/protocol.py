"""The contestant's side of harness/contestant.ts: a request a line comes in, a reply goes out."""

import contextlib
import json
import os
import sys
import time
import traceback


BATCH, TIME, VOCABULARY = 100, 300, 4000
SHAPES = [(4000, 32), (32, 128), (32, 128), (128,), (32, 256), (256,), (256, 1), (1,)]

# Libraries print what they like to standard output; only replies may reach it.
_replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def reply(value):
    _replies.write("reply " + json.dumps(value) + "\n")
    _replies.flush()


@contextlib.contextmanager
def required():
    """Imports in here that fail make the contestant say that it is missing."""
    try:
        yield
    except ImportError as error:
        reply({"missing": f"{type(error).__name__}: {error}"})
        sys.exit(0)


def serve(versions, operations):
    """Answers requests until standard input ends."""
    reply({"value": {"versions": versions}})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply({"value": operations[request["operation"]](**request["args"])})
        except Exception:
            reply({"error": traceback.format_exc()})


def timed(work):
    """Milliseconds that something takes, and what it returns."""
    start = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - start), result


def read_rows(folder, part):
    """The reviews [rows, 300] and labels [rows, 1] of a part."""
    import numpy as np

    x = np.fromfile(f"{folder}/{part}.i32", "<i4").reshape(-1, TIME)
    y = np.fromfile(f"{folder}/{part}-labels.f32", "<f4").reshape(-1, 1)
    return x, y


def read_weights(folder):
    """The weights of the model, in the order and shapes of Keras."""
    import numpy as np

    flat = np.fromfile(f"{folder}/weights.f32", "<f4")
    ends = np.cumsum([int(np.prod(shape)) for shape in SHAPES])
    assert ends[-1] == flat.size
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), SHAPES)]
