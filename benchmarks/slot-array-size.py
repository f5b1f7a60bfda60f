#!/usr/bin/env python3
"""Prints what reading and writing an element of an array in a slot costs, by array size.

The same number of accesses each time, at the indexes 0 to 999 in turn, so that the processor's
caches play no part: a cost that grows with the array would be the interpreter's doing.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = 5
ACCESSES = 2_000_000

PROGRAM = """
slots array i
  LoadInt 1
  LoadInt {size}
  Range
  SetSlot array
  LoadInt 0
  SetSlot i
loop:
  GetSlot i
  LoadInt 1000
  Mod
  SlotArrayGet array
  GetSlot i
  LoadInt 1000
  Mod
  SlotArraySet array
  GetSlot i
  LoadInt 1
  Add
  SetSlot i
  GetSlot i
  LoadInt {accesses}
  NumLt
  JumpIfTrue loop
"""


def seconds(tool, size, accesses):
    with tempfile.NamedTemporaryFile("w", suffix=".fvm") as file:
        file.write(PROGRAM.format(size=size, accesses=accesses))
        file.flush()
        command = [tool, "--stats", file.name]
        runs = [subprocess.run(command, capture_output=True, text=True, check=True).stderr for _ in range(ROUNDS)]
    return min(float(re.search(r"seconds: +([0-9.]+)", run).group(1)) for run in runs)


def main():
    tool = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "release" / "bin" / "fusevm-run")
    print("| elements | ns for a read and a write, loop included |")
    print("| ---: | ---: |")
    for size in (1_000, 10_000, 100_000, 1_000_000):
        # Making the array is no part of it.
        spent = seconds(tool, size, ACCESSES) - seconds(tool, size, 1)
        print(f"| {size:,} | {spent / ACCESSES * 1e9:.1f} |")


main()
