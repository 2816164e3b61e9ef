"""Trains a model on, in several processes at once: Keras on torch, under DistributedDataParallel.

    python continue.py --folder runs/scale-out --workers 2 --epochs 1

Each process reads its share of every batch; the gradients are averaged between them over gloo.
Here they meet on 127.0.0.1. On several machines, start the same function on each with the address
of the first, as torchrun does, and use nccl where there are graphics cards.
"""

import argparse
import json
import os
import pathlib
import socket

os.environ["KERAS_BACKEND"] = "torch"
os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402


def compare(model, path, what):
    """Holds predictions against those that were written on the other side of the crossing."""
    recorded = json.loads(path.read_text())
    received = model.predict(np.asarray(recorded["inputs"], "float32"), verbose=0).ravel()
    difference = np.abs(received - np.asarray(recorded["predictions"])).max()
    print(f"{what}: predictions differ by {difference:.1e} at most.", flush=True)


def record(model, source, target):
    inputs = json.loads(source.read_text())["inputs"]
    predictions = model.predict(np.asarray(inputs, "float32"), verbose=0).ravel()
    target.write_text(json.dumps({"inputs": inputs, "predictions": predictions.tolist()}))


def train(rank, arguments, port):
    folder = pathlib.Path(arguments.folder)
    workers = arguments.workers
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))
    dist.init_process_group(
        "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=workers
    )
    keras.utils.set_random_seed(rank)

    # Loss and optimizer come with the file; each process starts from the same weights.
    model = keras.models.load_model(folder / "begun.keras")
    if rank == 0:
        compare(model, folder / "begun.json", "Arrived in Keras")
    parallel = DistributedDataParallel(model)
    loss_of = keras.losses.get(model.loss)
    trainable = model.trainable_weights

    data = json.loads((folder / "train.json").read_text())
    x = np.asarray(data["x"], "float32")
    y = np.asarray(data["y"], "float32").reshape(-1, 1)
    for epoch in range(arguments.epochs):
        order = np.random.default_rng(epoch).permutation(len(x))  # the same everywhere
        losses = []
        for start in range(0, len(order), arguments.batch_size):
            # Equal shares: the mean of the processes' gradients is then that of the batch.
            batch = order[start : start + arguments.batch_size]
            mine = batch[: len(batch) // workers * workers][rank::workers]
            if len(mine) == 0:
                continue
            parallel.zero_grad()
            predictions = parallel(torch.from_numpy(x[mine]), training=True)
            loss = keras.ops.mean(loss_of(torch.from_numpy(y[mine]), predictions))
            loss.backward()
            gradients = [weight.value.grad for weight in trainable]
            with torch.no_grad():
                model.optimizer.apply(gradients, trainable)
            losses.append(loss.item())
        mean = torch.tensor(np.mean(losses))
        dist.all_reduce(mean)
        if rank == 0:
            print(f"Epoch {epoch + 1} on {workers} processes: loss {mean / workers:.4f}", flush=True)

    # Every process must have arrived at the same weights, or one file could not speak for all.
    total = torch.stack([weight.value.detach().double().sum() for weight in trainable])
    totals = [torch.empty_like(total) for _ in range(workers)]
    dist.all_gather(totals, total)
    if not all(torch.equal(total, other) for other in totals):
        raise RuntimeError("the processes ended with different weights")
    if rank == 0:
        model.save(folder / "continued.keras")
        record(model, folder / "begun.json", folder / "continued.json")
        print(f"Saved {folder / 'continued.keras'}.", flush=True)
    dist.barrier()
    dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="runs/scale-out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=100)
    arguments = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(train, (arguments, port), nprocs=arguments.workers)


if __name__ == "__main__":
    main()
