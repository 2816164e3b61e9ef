"""Prints what h5py finds in the files of a folder, and whether it can change them.

The tests run it: python check_hdf5.py FOLDER
"""

import json
import pathlib
import sys

import h5py
import numpy as np


def flat(file):
    found = {}

    def visit(path, entity):
        for name, value in entity.attrs.items():
            is_text = isinstance(value, str)
            found[f"{path}@{name}"] = value if is_text else [str(one) for one in value]
        if isinstance(entity, h5py.Dataset):
            values = [float(value) for value in entity[()].ravel()]
            found[path] = {"shape": list(entity.shape), "values": values}

    visit("", file)
    file.visititems(lambda path, entity: visit(f"/{path}", entity))
    return found


def change(path, before):
    """Adds to everything and takes it away again."""
    added = [f"added {i}" for i in range(10)]
    with h5py.File(path, "r+") as file:
        for group in [file, *groups_of(file)]:
            for name in added:
                group.attrs[name] = [name] * 5
                group.create_dataset(name, data=np.arange(100.0))
    with h5py.File(path, "r+") as file:
        for group in [file, *groups_of(file)]:
            for name in added:
                assert list(group.attrs[name]) == [name] * 5
                assert group[name][99] == 99
                del group.attrs[name]
                del group[name]
    with h5py.File(path, "r") as file:
        return flat(file) == before


def groups_of(file):
    found = []
    file.visititems(lambda _, entity: found.append(entity) if isinstance(entity, h5py.Group) else None)
    return found[:8]


results = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.h5")):
    with h5py.File(path, "r") as file:
        before = flat(file)
    results[path.stem] = {"flat": before, "changed": change(path, before)}
json.dump(results, sys.stdout)
