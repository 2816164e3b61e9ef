"""Writes test/golden/blocks/blocks.json: building blocks by the formulas of their papers.

    python generate_blocks.py

PyTorch in float64, its autograd for the gradients; Keras for the mean of steps with a mask. The file
holds what was drawn and what came out with nine digits, as many as float32 has.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import torch  # noqa: E402

torch.set_default_dtype(torch.float64)


def plain(tensor):
    """Nested lists of numbers with nine digits."""
    array = np.asarray(tensor.detach() if torch.is_tensor(tensor) else tensor)
    return json.loads(json.dumps(array.tolist()), parse_float=lambda text: float(f"{float(text):.9g}"))


def draw(*shape):
    return (torch.rand(shape) * 2 - 1).float().double().requires_grad_()


def attention_pooling(sizes, masked, seed):
    """Yang et al. 2016, equations 5 to 7."""
    torch.manual_seed(seed)
    batch, time, columns, units = sizes
    x, kernel, bias, query = draw(batch, time, columns), draw(columns, units), draw(units), draw(units)
    mask = torch.rand(batch, time) < 0.6 if masked else torch.ones(batch, time, dtype=torch.bool)
    if masked:
        mask[0, 0] = True
        mask[-1] = False
    outputs = []
    for steps, counts in zip(x, mask):
        if not counts.any():
            outputs.append(torch.zeros(columns))
            continue
        kept = steps[counts]
        weights = torch.softmax(torch.tanh(kept @ kernel + bias) @ query, 0)
        outputs.append((weights[:, None] * kept).sum(0))
    output = torch.stack(outputs)
    upstream = draw(batch, columns)
    (output * upstream).sum().backward()
    return {
        "x": plain(x),
        "mask": mask.tolist() if masked else None,
        "weights": [plain(kernel), plain(bias), plain(query)],
        "upstream": plain(upstream),
        "output": plain(output),
        "gradients": [plain(each.grad) for each in (x, kernel, bias, query)],
    }


def normalized_embedding(sizes, seed):
    """Miyato et al. 2017, equation 1, with the 1e-6 of their code."""
    torch.manual_seed(seed)
    words, width = sizes
    table = draw(words, width)
    counts = torch.randint(0, 50, (words,)).double()
    counts[0] = 0
    shares = (counts / counts.sum())[:, None]
    mean = (shares * table).sum(0)
    variance = (shares * (table - mean) ** 2).sum(0)
    normalized = (table - mean) / torch.sqrt(1e-6 + variance)
    indices = torch.randint(0, words, (3, 4))
    output = normalized[indices]
    upstream = draw(3, 4, width)
    (output * upstream).sum().backward()
    return {
        "table": plain(table),
        "counts": counts.tolist(),
        "indices": indices.tolist(),
        "upstream": plain(upstream),
        "output": plain(output),
        "gradient": plain(table.grad),
    }


def average_pooling(seed):
    """GlobalAveragePooling1D of Keras, by steps that count; every sample has some."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (4, 5, 3)).astype("float32")
    mask = random.uniform(size=(4, 5)) < 0.5
    mask[:, 2] = True
    output = keras.layers.GlobalAveragePooling1D()(x, mask=mask)
    return {"x": plain(x), "mask": mask.tolist(), "output": plain(np.asarray(output))}


def sampled_softmax(sizes, seed):
    """tf.nn.sampled_softmax_loss, with its log-uniform candidates, whose number of tries is found again."""
    rows, columns, classes, count = sizes
    random = np.random.default_rng(seed)

    def drawn(*shape):
        return random.uniform(-1, 1, shape).astype("float32")

    x, kernel, bias, upstream = drawn(rows, columns), drawn(classes, columns), drawn(classes), drawn(rows)
    labels = random.integers(0, classes, (rows, 1))
    tf.random.set_seed(seed)
    values = tf.random.log_uniform_candidate_sampler(labels, 1, count, True, classes, seed=seed)
    ids = values.sampled_candidates.numpy()
    labels[0, 0] = ids[0]  # drawn by accident
    ks = np.arange(classes)
    probabilities = np.log((ks + 2) / (ks + 1)) / np.log(classes + 1)
    first = ids[0]
    expected = float(values.sampled_expected_count.numpy()[0])
    tries = round(np.log1p(-expected) / np.log1p(-probabilities[first]))

    def counts(of):
        return (-np.expm1(tries * np.log1p(-probabilities[of]))).astype("float32")

    np.testing.assert_allclose(counts(ids), values.sampled_expected_count.numpy(), rtol=1e-4)
    variables = [tf.Variable(each) for each in (x, kernel, bias)]
    with tf.GradientTape() as tape:
        losses = tf.nn.sampled_softmax_loss(
            variables[1],
            variables[2],
            labels,
            variables[0],
            count,
            classes,
            sampled_values=(tf.constant(ids), tf.constant(counts(labels)), tf.constant(counts(ids))),
            remove_accidental_hits=True,
        )
        total = tf.reduce_sum(losses * upstream)
    gradients = [tf.convert_to_tensor(each).numpy() for each in tape.gradient(total, variables)]
    return {
        "x": plain(x),
        "kernel": plain(kernel),
        "bias": plain(bias),
        "labels": labels.ravel().tolist(),
        "ids": ids.tolist(),
        "tries": int(tries),
        "expected": plain(values.sampled_expected_count.numpy()),
        "upstream": plain(upstream),
        "losses": plain(losses.numpy()),
        "gradients": [plain(each) for each in gradients],
    }


torch.manual_seed(0)
blocks = {
    "torch": torch.__version__,
    "keras": keras.__version__,
    "tensorflow": tf.__version__,
    "attention_pooling": [
        attention_pooling((3, 6, 5, 7), False, 1),
        attention_pooling((4, 6, 5, 3), True, 2),
    ],
    "average_pooling": [average_pooling(3)],
    "normalized_embedding": [normalized_embedding((7, 3), 6), normalized_embedding((20, 8), 7)],
    "sampled_softmax": [sampled_softmax((6, 5, 30, 7), 4), sampled_softmax((9, 3, 101, 20), 5)],
}
path = Path(__file__).with_name("blocks.json")
path.write_text(json.dumps(blocks) + "\n")
