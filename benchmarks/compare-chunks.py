#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Runs chunks of fusevm-benchmarks, prepared once, and the same computations in LuaJIT's
interpreter in turn, and prints microseconds and ratios, of the minima.

usage: benchmarks/compare-chunks.py [--rounds N] [FUSEVM-BENCHMARKS]
"""

import argparse
import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PEER = ["luajit", "-joff", HERE / "chunks.lua"]


def peer_times():
    output = subprocess.run(PEER, check=True, capture_output=True, text=True).stdout
    return {name: float(time) for name, time in map(str.split, output.splitlines())}


def own_times(program, names):
    command = [program, "--benchmark_format=json", "--benchmark_min_time=0.1",
               f"--benchmark_filter=^({'|'.join(names)})/(prepared|preparation)$"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {run["name"]: run["cpu_time"] / 1000 for run in json.loads(output)["benchmarks"]}


def take_least(least, times):
    for name, time in times.items():
        least[name] = min(time, least.get(name, time))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("program", nargs="?",
                        default=HERE.parent / "build/release/bin/fusevm-benchmarks")
    options = parser.parse_args()
    own, peer = {}, {}
    for _ in range(options.rounds):
        take_least(peer, peer_times())
        take_least(own, own_times(options.program, peer))
    print("| chunk | prepared, us | luajit -joff, us | ratio | preparation, us |")
    print("|---|---:|---:|---:|---:|")
    for name, time in peer.items():
        prepared = own[f"{name}/prepared"]
        print(f"| {name} | {prepared:.3g} | {time:.3g} | {prepared / time:.3f} |"
              f" {own[f'{name}/preparation']:.2g} |")


if __name__ == "__main__":
    main()
