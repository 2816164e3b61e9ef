"""The same model and layer in PyTorch, with its default threads."""

import protocol

with protocol.required():
    import numpy as np
    import torch
    from torch import nn


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(protocol.VOCABULARY, 32)
        self.dropout = nn.Dropout(0.2)
        self.lstm = nn.LSTM(32, 32, batch_first=True)
        self.dense = nn.Linear(32, 256)
        self.last = nn.Linear(256, 1)

    def forward(self, x):
        output, _ = self.lstm(self.dropout(self.embedding(x)))
        return self.last(self.dropout(torch.relu(self.dense(output[:, -1]))))


state = {}


def load(folder):
    model = Sentiment()
    table, kernel, recurrent, bias, w1, b1, w2, b2 = protocol.read_weights(folder)
    values = {
        "embedding.weight": table,
        "lstm.weight_ih_l0": kernel.T,
        "lstm.weight_hh_l0": recurrent.T,
        "lstm.bias_ih_l0": bias,
        "lstm.bias_hh_l0": np.zeros_like(bias),
        "dense.weight": w1.T,
        "dense.bias": b1,
        "last.weight": w2.T,
        "last.bias": b2,
    }
    model.load_state_dict({name: torch.tensor(value) for name, value in values.items()})
    state["model"] = model
    state["optimizer"] = torch.optim.Adam(model.parameters())
    for part in ("train", "test"):
        x, y = protocol.read_rows(folder, part)
        state[part] = torch.tensor(x, dtype=torch.int64), torch.tensor(y)
    # PyTorch adds a second bias to the first, which Keras does not have.
    return {"parameters": sum(p.numel() for p in model.parameters()) - bias.size}


def fresh(seed):
    """The model as PyTorch begins it, in place of the one that was loaded."""
    torch.manual_seed(seed)
    state["model"] = Sentiment()
    state["optimizer"] = torch.optim.Adam(state["model"].parameters())


def fit(start, steps):
    """One pass over `steps` batches, in a new order, as model.fit does."""
    model, optimizer = state["model"].train(), state["optimizer"]
    lossOf = nn.BCEWithLogitsLoss()
    rows = slice(start, start + steps * protocol.BATCH)
    x, y = (part[rows] for part in state["train"])

    def run():
        total, right = 0.0, 0
        order = torch.randperm(len(x))
        for batch in order.split(protocol.BATCH):
            optimizer.zero_grad(set_to_none=True)
            logits = model(x[batch])
            loss = lossOf(logits, y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
            right += ((logits > 0) == (y[batch] > 0.5)).sum().item()
        return total / steps

    ms, loss = protocol.timed(run)
    return {"ms": ms / steps, "loss": loss}


def predict(count, batch=protocol.BATCH):
    model, x = state["model"].eval(), state["test"][0][:count]

    def run():
        with torch.inference_mode():
            return torch.cat([torch.sigmoid(model(rows)) for rows in x.split(batch)])

    ms, probabilities = protocol.timed(run)
    return {"ms": ms, "probabilities": probabilities[:1000, 0].tolist()}


def one(start, count):
    """One review a call, already numbers: the model alone."""
    model, x = state["model"].eval(), state["test"][0]
    times, probabilities = [], []
    with torch.inference_mode():
        for row in range(start, start + count):
            ms, value = protocol.timed(lambda: torch.sigmoid(model(x[row : row + 1])).item())
            times.append(ms)
            probabilities.append(value)
    return {"ms": times, "probabilities": probabilities}


def layer(units, time, runs, last=False):
    """Forward and backward, with the gradient of the input; of all outputs or the last one."""
    key = units, time, last
    if key not in state:
        x = torch.randn(protocol.BATCH, time, units, requires_grad=True)
        dy = torch.ones(protocol.BATCH, *([] if last else [time]), units)
        state[key] = nn.LSTM(units, units, batch_first=True), x, dy
    lstm, x, dy = state[key]
    times = []
    for _ in range(runs):
        lstm.zero_grad(set_to_none=True)
        x.grad = None
        ms, _ = protocol.timed(lambda: (lstm(x)[0][:, -1] if last else lstm(x)[0]).backward(dy))
        times.append(ms)
    return {"ms": times, "gradients": [list(x.grad.shape), list(lstm.weight_hh_l0.grad.T.shape)]}


def text_layer(folder, units, rate, runs):
    """Embedding, dropout and LSTM on a batch of real reviews, forward and backward, of all outputs."""
    key = "text", units, rate
    if key not in state:
        x = torch.tensor(protocol.read_rows(folder, "train")[0][: protocol.BATCH], dtype=torch.int64)
        table = nn.Embedding(protocol.VOCABULARY, units)
        lstm = nn.LSTM(units, units, batch_first=True)
        state[key] = table, nn.Dropout(rate), lstm, x, torch.ones(protocol.BATCH, protocol.TIME, units)
    table, dropout, lstm, x, dy = state[key]
    times = []
    for _ in range(runs):
        table.zero_grad(set_to_none=True)
        lstm.zero_grad(set_to_none=True)
        ms, _ = protocol.timed(lambda: lstm(dropout(table(x)))[0].backward(dy))
        times.append(ms)
    gradients = [table.weight.grad, lstm.weight_hh_l0.grad.T]
    return {"ms": times, "gradients": [list(gradient.shape) for gradient in gradients]}


def forget():
    for key in [key for key in state if isinstance(key, tuple)]:
        del state[key]


operations = {
    "load": load,
    "fresh": fresh,
    "fit": fit,
    "predict": predict,
    "one": one,
    "layer": layer,
    "textLayer": text_layer,
    "forget": forget,
}
protocol.serve({"torch": f"{torch.__version__} ({torch.get_num_threads()} threads)"}, operations)
