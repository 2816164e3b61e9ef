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


def average_pooling(seed):
    """GlobalAveragePooling1D of Keras, by steps that count; every sample has some."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (4, 5, 3)).astype("float32")
    mask = random.uniform(size=(4, 5)) < 0.5
    mask[:, 2] = True
    output = keras.layers.GlobalAveragePooling1D()(x, mask=mask)
    return {"x": plain(x), "mask": mask.tolist(), "output": plain(np.asarray(output))}


torch.manual_seed(0)
blocks = {
    "torch": torch.__version__,
    "keras": keras.__version__,
    "attention_pooling": [
        attention_pooling((3, 6, 5, 7), False, 1),
        attention_pooling((4, 6, 5, 3), True, 2),
    ],
    "average_pooling": [average_pooling(3)],
}
path = Path(__file__).with_name("blocks.json")
path.write_text(json.dumps(blocks) + "\n")
