#!/usr/bin/env python3
"""Prints the tree digest of a volume, by its definition (README, "The digest"): nothing of clonegate is used."""
import hashlib
import sys

LEAF = 65536


def digest(path):
    level, length = [], 0
    with open(path, "rb") as volume:
        while (block := volume.read(LEAF)) or not level:
            level.append(hashlib.sha256(b"\0" + block).digest())
            length += len(block)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[2 * len(pairs):]
    return "tree-sha256:" + hashlib.sha256(b"\2" + length.to_bytes(8, "big") + level[0]).hexdigest()


for path in sys.argv[1:]:
    print(digest(path))
