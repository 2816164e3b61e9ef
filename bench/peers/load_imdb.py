"""Seconds that Python takes to read the reviews, from the folder or the archive: `load_imdb.py PATH`."""

import json
import os
import sys
import tarfile
import time


def from_folder(path):
    for half in ("train", "test"):
        for label in ("pos", "neg"):
            with os.scandir(os.path.join(path, half, label)) as entries:
                names = sorted(entry.path for entry in entries if entry.name.endswith(".txt"))
            for name in names:
                with open(name, encoding="utf-8") as file:
                    yield file.read()


def from_archive(path):
    with tarfile.open(path) as archive:
        for member in archive:
            parts = member.name.split("/")
            if member.isfile() and len(parts) == 4 and parts[2] in ("pos", "neg"):
                yield archive.extractfile(member).read().decode("utf-8")


read = from_folder if os.path.isdir(sys.argv[1]) else from_archive
start = time.perf_counter()
texts = list(read(sys.argv[1]))
print(json.dumps({"seconds": time.perf_counter() - start, "reviews": len(texts)}))
