#!/usr/bin/env python3
"""Compares the time of a whole process that runs an empty program with lua5.4's."""

import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = 300


def milliseconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return (time.perf_counter() - start) * 1e3


def main():
    tool = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "release" / "bin" / "fusevm-run")
    with tempfile.NamedTemporaryFile("w", suffix=".fvm") as empty:
        commands = {"fusevm-run": [tool, empty.name]}
        if shutil.which("lua5.4"):
            commands["lua5.4"] = ["lua5.4", "-e", ""]
        times = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(milliseconds(command))
    print("| process | min ms | median ms |")
    print("| --- | ---: | ---: |")
    for name, measured in times.items():
        print(f"| {name} | {min(measured):.2f} | {statistics.median(measured):.2f} |")


main()
