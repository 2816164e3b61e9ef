"""Any model of harness/family.ts in PyTorch: `pytorch_family.py [flush]`."""

import sys

import protocol

with protocol.required():
    import torch
    from torch import nn

if "flush" in sys.argv:
    torch.set_flush_denormal(True)

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "simpleRNN": nn.RNN}


class Family(nn.Module):
    def __init__(self, plan):
        super().__init__()
        words = plan.get("words")
        self.embedding = nn.Embedding(words["vocabulary"], words["width"]) if words else None
        self.everyStep = plan["labels"] == "a step"
        directions = 2 if plan["bidirectional"] else 1
        width, layers = words["width"] if words else 1, []
        for units in plan["units"]:
            options = {"batch_first": True, "bidirectional": plan["bidirectional"]}
            layers.append(CELLS[plan["cell"]](width, units, **options))
            width = directions * units
        self.layers = nn.ModuleList(layers)
        self.last = nn.Linear(width, plan["outputs"])

    def forward(self, x):
        if self.embedding is not None:
            x = self.embedding(x)
        for layer in self.layers:
            x, state = layer(x)
        if not self.everyStep:
            state = state[0] if isinstance(state, tuple) else state
            x = torch.cat(list(state), 1) if len(state) > 1 else state[0]
        return self.last(x)


LOSSES = {
    "binary crossentropy": nn.functional.binary_cross_entropy_with_logits,
    "mean squared error": nn.functional.mse_loss,
    "crossentropy": lambda output, y: nn.functional.cross_entropy(
        output.reshape(-1, output.shape[-1]), y.reshape(-1)
    ),
}

built = {}


def build(plan):
    torch.manual_seed(1)
    model = Family(plan)
    rows, time, outputs = plan["batch"] * plan["steps"], plan["time"], plan["outputs"]
    words = plan.get("words")
    x = torch.randint(1, words["vocabulary"], (rows, time)) if words else torch.randn(rows, time, 1)
    every_step = plan["labels"] == "a step"
    if plan["loss"] == "crossentropy":
        y = torch.randint(0, outputs, (rows, time) if every_step else (rows,))
    elif plan["loss"] == "mean squared error":
        y = torch.randn(rows, 1)
    else:
        y = torch.rand(rows, 1).round()
    built[plan["name"]] = plan, model, torch.optim.Adam(model.parameters()), x, y
    # PyTorch adds a second bias to the first, which Keras has in its GRU alone.
    twice = 0 if plan["cell"] == "gru" else sum(
        p.numel() for name, p in model.named_parameters() if "bias_hh" in name
    )
    return {"parameters": sum(p.numel() for p in model.parameters()) - twice}


def train(name):
    """One pass over the batches of a turn, in a new order, as model.fit does."""
    plan, model, optimizer, x, y = built[name]
    model.train()
    loss_of = LOSSES[plan["loss"]]

    def run():
        total = 0.0
        for batch in torch.randperm(len(x)).split(plan["batch"]):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / plan["steps"]

    ms, loss = protocol.timed(run)
    return {"ms": ms / plan["steps"], "loss": loss}


def predict(name):
    plan, model, _, x, _ = built[name]
    model.eval()

    def run():
        with torch.inference_mode():
            return torch.cat([model(rows) for rows in x.split(plan["batch"])])

    ms, _ = protocol.timed(run)
    return {"ms": ms / plan["steps"]}


protocol.serve(
    {"torch": f"{torch.__version__} ({torch.get_num_threads()} threads)"},
    {"build": build, "train": train, "predict": predict},
)
