#!/usr/bin/env python3
"""Runs the cases of a test file with fusevm-run; see docs/testing.md for the form.

usage: run-cases.py FILE

The environment variable FUSEVM_TEST_RUN_FLAGS adds flags to every run; unless it chooses
a loop or a tier, each case runs in both loops, and some case of the file must suit the fast
one. In the block tier something must be compiled for each file.
"""

import os
import re
import subprocess
import sys
import tempfile

MARKER = re.compile(r";; ([a-z-]+):(?: (.*))?$")
NOTE = re.compile(rb"^.*: note: .*\n", re.MULTILINE)
TIMEOUT = 120
ONCE = {"expect", "expect-error", "expect-status", "options", "input"}
REPEATED = {"expect-output"}


class Case:
    def __init__(self, name, line):
        self.name = name
        self.line = line
        self.program = []
        self.expected = {}

    def output(self):
        return "".join(line + "\n" for line in self.expected.get("expect-output", []))


def fail_to_read(path, number, message):
    sys.exit(f"{path}:{number}: error: {message}")


def read_cases(path):
    """Returns the cases of a file; a line that looks like a marker must be one."""
    cases = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            marker = MARKER.match(line)
            if line.startswith(";;") and not marker:
                fail_to_read(path, number, "expected ';; keyword: text'")
            if not marker:
                if cases:
                    cases[-1].program.append(line)
                continue
            if cases:
                cases[-1].program.append("")
            keyword, text = marker.group(1), marker.group(2) or ""
            if keyword == "case":
                cases.append(Case(text, number))
            elif not cases:
                fail_to_read(path, number, f"'{keyword}' before the first case")
            elif keyword in REPEATED:
                cases[-1].expected.setdefault(keyword, []).append(text)
            elif keyword in ONCE and keyword not in cases[-1].expected:
                cases[-1].expected[keyword] = text
            else:
                fail_to_read(path, number, f"unknown or repeated keyword '{keyword}'")
    for case in cases:
        if {"expect", "expect-error"} <= case.expected.keys():
            fail_to_read(path, case.line, f"case '{case.name}' expects a result and an error")
        if not case.expected.keys() & {"expect", "expect-error", "expect-output"}:
            fail_to_read(path, case.line, f"case '{case.name}' expects nothing")
    if not cases:
        fail_to_read(path, 1, "no cases")
    return cases


def matches(pattern, text):
    """Compares exactly, except that {{…}} in the pattern is a regular expression."""
    parts = re.split(r"\{\{(.*?)\}\}", pattern)
    regex = "".join(p if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return re.fullmatch(regex, text) is not None


def check(case, run):
    """Yields what is wrong with the outcome of a run."""
    errors = NOTE.sub(b"", run.stderr).decode(errors="replace")
    output = run.stdout.decode(errors="replace")
    expected = case.expected
    default_status = "0"
    if "expect-error" in expected:
        default_status = "1 or 124"
        found = re.search(r"error: (.*)", errors)
        text = found.group(1) if found else errors.strip()
        if not matches(expected["expect-error"], text):
            yield f"expected error: {expected['expect-error']}\n             got: {text}"
    elif "expect" in expected:
        if not matches(expected["expect"], errors.rstrip("\n")):
            yield f"expected: {expected['expect']}\n       got: {errors.rstrip()}"
    if output != case.output():
        yield f"expected output: {case.output()!r}\n              got: {output!r}"
    status = expected.get("expect-status", default_status)
    if str(run.returncode) not in status.split(" or "):
        yield f"expected exit status: {status}\n                   got: {run.returncode}"


def run_case(case, flags, folder):
    program = os.path.join(folder, "case.fvm")
    # Lines of the program keep the numbers they have in the test file.
    with open(program, "w", encoding="utf-8") as file:
        file.write("\n" * case.line + "\n".join(case.program) + "\n")
    stdin = case.expected.get("input", "").encode().decode("unicode_escape").encode("latin-1")
    command = ["fusevm-run", "-v", "--result=text", *flags]
    command += case.expected.get("options", "").split() + [program]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=TIMEOUT)


def main():
    path = sys.argv[1]
    flags = os.environ.get("FUSEVM_TEST_RUN_FLAGS", "").split()
    chosen = any(flag.startswith(("--loop", "--tier")) and flag != "--tier=interp" for flag in flags)
    native = "--tier=block" in flags
    loops = [[]] if chosen else [["--loop=auto"], ["--loop=baseline"]]
    failures = 0
    suits_fast_loop = chosen
    compiled = False
    with tempfile.TemporaryDirectory() as folder:
        for case in read_cases(path):
            for loop in loops:
                label = f"{path}:{case.line}: case '{case.name}' {' '.join(flags + loop)}"
                try:
                    run = run_case(case, flags + loop, folder)
                except subprocess.TimeoutExpired:
                    failures += 1
                    print(f"{label}\n  still running after {TIMEOUT} seconds")
                    continue
                suits_fast_loop |= b": note: runs in the fast loop" in run.stderr
                compiled |= b": note: compiled " in run.stderr
                for problem in check(case, run):
                    failures += 1
                    print(f"{label}\n  {problem}")
    if not suits_fast_loop:
        failures += 1
        print(f"{path}: no case runs in the fast loop; see 'fusevm-run -v'")
    if native and not compiled:
        failures += 1
        print(f"{path}: nothing was compiled; see 'fusevm-run -v --tier=block --jit-sync'")
    sys.exit(1 if failures else 0)


main()
