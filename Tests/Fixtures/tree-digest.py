#!/usr/bin/env python3
"""Prints the tree digest of a volume, by its definition (README, "The digest"): nothing of clonegate is used.

  tree-digest.py VOLUME...         one digest a line
  tree-digest.py --list VOLUME...  as 'clonegate verify VOLUME --write-digests FILE' writes it
"""
import hashlib
import sys

LEAF = 65536
RUN = 4 << 20  # The shortest; images over 256 GiB have longer ones, which make no more than 65536 of them.


def leaves(path):
    level, length = [], 0
    with open(path, "rb") as volume:
        while (block := volume.read(LEAF)) or not level:
            level.append(hashlib.sha256(b"\0" + block).digest())
            length += len(block)
    return level, length


def top(level):
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[2 * len(pairs):]
    return level[0]


def digest(level, length):
    return "tree-sha256:" + hashlib.sha256(b"\2" + length.to_bytes(8, "big") + top(level)).hexdigest()


def digests(level, length):
    run = RUN
    while -(-length // run) > 65536:
        run *= 2
    yield from ("clonegate digests 1", "digest " + digest(level, length), f"length {length}", f"run {run}")
    for start in range(0, len(level), run // LEAF):
        yield f"{start * LEAF} {top(level[start:start + run // LEAF]).hex()}"


paths = sys.argv[1:]
is_list = paths[:1] == ["--list"]
for path in paths[is_list:]:
    for line in digests(*leaves(path)) if is_list else [digest(*leaves(path))]:
        print(line)
