"""The same encoder-decoder in PyTorch, with denormal numbers flushed: `pytorch_encoder_decoder.py THREADS`."""

import sys

import protocol

with protocol.required():
    import torch
    from torch import nn

torch.set_num_threads(int(sys.argv[1]))
torch.set_flush_denormal(True)


class Translator(nn.Module):
    def __init__(self, units, embeddingDim, source, target):
        super().__init__()
        self.source = nn.Embedding(source["vocabularySize"], embeddingDim)
        self.target = nn.Embedding(target["vocabularySize"], embeddingDim)
        self.encoder = nn.LSTM(embeddingDim, units, batch_first=True)
        self.decoder = nn.LSTM(embeddingDim, units, batch_first=True)
        self.attentional = nn.Linear(2 * units, units, bias=False)
        self.output = nn.Linear(units, target["vocabularySize"])

    def forward(self, source, target, hidden):
        steps, states = self.encoder(self.source(source))
        decoded, _ = self.decoder(self.target(target), states)
        scores = decoded @ steps.transpose(1, 2)
        weights = scores.masked_fill(hidden, -1e9).softmax(-1)
        both = torch.cat([weights @ steps, decoded], -1)
        return self.output(torch.tanh(self.attentional(both)))


state = {}


def build(**sizes):
    torch.manual_seed(1)
    model = state["model"] = Translator(**sizes)
    state["optimizer"] = torch.optim.Adam(model.parameters())
    state["sizes"] = sizes
    count = sum(parameter.numel() for parameter in model.parameters())
    # PyTorch adds a second bias to the first, which Keras does not have.
    return {"parameters": count - 2 * 4 * sizes["units"]}


def tensors(sources):
    length = state["sizes"]["target"]["length"]
    tokens = state["sizes"]["target"]["vocabularySize"]
    x = torch.tensor(sources)
    reversed_ = x[:, : length - 1].flip(1)
    start = torch.full((len(x), 1), tokens - 2)
    end = torch.full((len(x), 1), tokens - 1)
    return x, torch.cat([start, reversed_], 1), torch.cat([reversed_, end], 1)


def fit(sources, batch):
    """One pass over the batches, in a new order, as fit does."""
    model, optimizer = state["model"].train(), state["optimizer"]
    loss_of = nn.CrossEntropyLoss(ignore_index=0)
    x, target, labels = tensors(sources)
    steps = -(-len(x) // batch)

    def run():
        total = 0.0
        right = 0
        for rows in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad(set_to_none=True)
            source = x[rows]
            logits = model(source, target[rows], (source == 0)[:, None, :])
            loss = loss_of(logits.flatten(0, 1), labels[rows].flatten())
            loss.backward()
            optimizer.step()
            total += loss.item()
            right += (logits.argmax(-1) == labels[rows]).sum().item()
        return total / steps

    ms, loss = protocol.timed(run)
    return {"ms": ms / steps, "loss": loss}


protocol.serve(
    {"torch": f"{torch.__version__}"},
    {"build": build, "fit": fit},
)
