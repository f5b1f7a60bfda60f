#!/usr/bin/env python3
"""Compares the AWK examples with mawk on a generated log, as whole processes, in turn.

usage: compare-awk.py [--megabytes N] [--rounds N] [--clock wall|cpu] [TOOL]
"""

import argparse
import os
import pathlib
import random
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "awk"
PROGRAMS = {
    "column sum": ("column-sum.fvm", "{ total += $2 } END { print total }"),
    "word frequency": (
        "word-frequency.fvm",
        "{ for (i = 1; i <= NF; i++) count[$i]++ } "
        'END { for (word in count) print count[word], word | "sort -k1nr -k2" }',
    ),
}
PATHS = ["/", "/index.html", "/about", "/images/logo.png", "/api/items", "/search", "/static/app.js"]
AGENTS = ["Mozilla/5.0", "curl/7.88", "Go-http-client/1.1"]


def write_log(path, size):
    """Lines of about 90 bytes: time, bytes sent, address, request, agent."""
    source = random.Random(1)
    with open(path, "w") as file:
        while file.tell() < size:
            lines = []
            for _ in range(10000):
                clock = f"{source.randrange(24):02}:{source.randrange(60):02}"
                address = f"10.{source.randrange(4)}.{source.randrange(16)}.{source.randrange(256)}"
                lines.append(
                    f"2026-11-{source.randrange(1, 31):02}T{clock} {source.randrange(100000)} {address} - "
                    f'"GET {source.choice(PATHS)} HTTP/1.1" 200 "{source.choice(AGENTS)}"\n'
                )
            file.write("".join(lines))


def run(command):
    """Returns wall seconds, processor seconds with those of children, output."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, env={**os.environ, "LC_ALL": "C"})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{command[0]}: exit status {process.returncode}")
        output.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, output.read()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("tool", nargs="?", default=str(ROOT / "build/release/bin/fusevm-run"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        write_log(log, options.megabytes * 1000000)
        print("| program | fusevm min s | mawk min s | ratio |")
        print("| --- | ---: | ---: | ---: |")
        for name, (chunk, program) in PROGRAMS.items():
            commands = {
                "fusevm": [options.tool, "--awk", str(EXAMPLES / chunk), log],
                "mawk": ["mawk", program, log],
            }
            seconds = {name: [] for name in commands}
            outputs = {}
            for _ in range(options.rounds):
                for peer, command in commands.items():
                    wall, cpu, outputs[peer] = run(command)
                    seconds[peer].append(cpu if options.clock == "cpu" else wall)
            if name != "column sum" and outputs["fusevm"] != outputs["mawk"]:
                raise SystemExit(f"{name}: the outputs differ")
            ours, theirs = min(seconds["fusevm"]), min(seconds["mawk"])
            print(f"| {name} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |", flush=True)


main()
