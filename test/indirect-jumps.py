#!/usr/bin/env python3
"""Fails if the compiler merged the jumps at the ends of the fast loop's handlers.

usage: test/indirect-jumps.py OBJDUMP OBJECT COMPILER FASTHANDLERS.DEF

Each handler must end in an indirect jump of its own, for the branch predictor's sake. Some end in
the jump of another, as those that leave the loop do, hence the tolerance.
"""

import re
import subprocess
import sys

SHARE = 0.8


def indirect_jumps(objdump, path):
    """The number of indirect jumps in Machine::fastLoop."""
    command = [objdump, "-dC", "--no-show-raw-insn", path]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found, count = False, 0
    inside = False
    for line in listing.splitlines():
        header = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        if header:
            inside = "Machine::fastLoop" in header[1]
            found = found or inside
        elif inside and re.search(r"\bjmpq?\s+\*", line):
            count += 1
    if not found:
        sys.exit(f"{path}: there is no Machine::fastLoop")
    return count


def handler_count(compiler, table):
    """The number of rows that the table of handlers expands to."""
    command = [compiler, "-E", "-P", "-x", "c++", "-DFUSEVM_FAST(Name)=handler Name;", table]
    expanded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return expanded.count("handler ")


def main():
    objdump, path, compiler, table = sys.argv[1:]
    count = indirect_jumps(objdump, path)
    handlers = handler_count(compiler, table)
    print(f"{count} indirect jumps for {handlers} handlers")
    if count < SHARE * handlers:
        sys.exit("too few: the compiler merged jumps of handlers; see lib/Interp/CMakeLists.txt")


main()
