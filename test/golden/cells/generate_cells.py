"""Outputs and gradients of the cells that Keras does not have, by the formulas of their papers.

    python generate_cells.py --out DIR

PyTorch in float64, its autograd for the gradients, one step of time and one gate after the other.
The file holds what was drawn and what came out with nine digits, as many as float32 has.
"""
import argparse
import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)


def min_gru(w, x, h):
    """Feng et al. 2024, arXiv:2410.01201, section 3.1.2: z and the candidate from the input alone."""
    units = h[0].shape[1]
    sums = x @ w["kernel"] + w.get("bias", 0.0)
    z = torch.sigmoid(sums[:, :units])
    candidate = sums[:, units:]
    return [(1 - z) * h[0] + z * candidate]


def peephole_lstm(w, x, states, gate):
    """Gers & Schmidhuber 2000, with the forget gate: i and f see c, o sees the next c."""
    h, c = states
    units = h.shape[1]
    sums = x @ w["kernel"] + h @ w["recurrent_kernel"] + w.get("bias", 0.0)
    i, f, g, o = (sums[:, k * units : (k + 1) * units] for k in range(4))
    p = w["peephole_kernel"]
    next_c = gate(f + p[1] * c) * c + gate(i + p[0] * c) * torch.tanh(g)
    return [gate(o + p[2] * next_c) * torch.tanh(next_c), next_c]


def hard_sigmoid(x):
    return torch.clamp(0.2 * x + 0.5, 0, 1)


GATES = {"sigmoid": torch.sigmoid, "hardSigmoid": hard_sigmoid}


def case(layer, gate, sizes, use_bias, go_backwards, initial, masked, seed):
    torch.manual_seed(seed)
    batch, time, features, units = sizes

    def draw(*shape):
        return (torch.rand(shape) * 2 - 1).float().double().requires_grad_()

    blocks = 2 if layer == "minGRU" else 4
    weights = {"kernel": draw(features, blocks * units)}
    if layer == "peepholeLSTM":
        weights["recurrent_kernel"] = draw(units, blocks * units)
    if use_bias:
        weights["bias"] = draw(blocks * units)
    if layer == "peepholeLSTM":
        weights["peephole_kernel"] = draw(3, units)
    x = draw(batch, time, features)
    count = 1 if layer == "minGRU" else 2
    first = [draw(batch, units) if initial else torch.zeros(batch, units) for _ in range(count)]
    mask = (torch.rand(batch, time) < 0.6) if masked else None

    states, sequence = first, []
    for t in reversed(range(time)) if go_backwards else range(time):
        step = min_gru(weights, x[:, t], states) if layer == "minGRU" else peephole_lstm(
            weights, x[:, t], states, GATES[gate]
        )
        if mask is not None:
            step = [torch.where(mask[:, t : t + 1], new, old) for new, old in zip(step, states)]
        states = step
        sequence.append(states[0])
    outputs = [torch.stack(sequence, 1), *states]
    factors = [draw(*output.shape).detach() for output in outputs]
    sum((output * factor).sum() for output, factor in zip(outputs, factors)).backward()

    def plain(tensor):
        return {"shape": list(tensor.shape), "values": [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]}

    return {
        "layer": layer,
        "gate": gate,
        "useBias": use_bias,
        "goBackwards": go_backwards,
        "units": units,
        "mask": mask.int().tolist() if mask is not None else None,
        "x": plain(x),
        "weights": {name: plain(weight) for name, weight in weights.items()},
        "initialStates": [plain(state) for state in first] if initial else [],
        "outputs": [plain(output) for output in outputs],
        "factors": [plain(factor) for factor in factors],
        "gradients": {
            "x": plain(x.grad),
            **{name: plain(weight.grad) for name, weight in weights.items()},
            **({f"initialState{i}": plain(state.grad) for i, state in enumerate(first)} if initial else {}),
        },
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().out
    cases = [
        case("minGRU", "sigmoid", (3, 5, 4, 7), True, False, False, False, 1),
        case("minGRU", "sigmoid", (2, 6, 3, 9), False, True, True, False, 2),
        case("minGRU", "sigmoid", (4, 5, 1, 3), True, True, True, True, 3),
        case("peepholeLSTM", "sigmoid", (3, 5, 4, 7), True, False, False, False, 4),
        case("peepholeLSTM", "hardSigmoid", (2, 6, 3, 9), False, True, True, False, 5),
        case("peepholeLSTM", "sigmoid", (4, 5, 1, 3), True, True, True, True, 6),
        case("peepholeLSTM", "hardSigmoid", (3, 4, 5, 2), True, False, False, True, 7),
    ]
    text = json.dumps({"torch": torch.__version__, "cases": cases})
    (folder / "cells.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
