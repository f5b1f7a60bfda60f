#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Checks that each op of a section that has a host has a case with the host and one without.

usage: check-cases.py OP-REFERENCE TEST-FOLDER

A case runs the op itself if it names it in its program.
"""

import pathlib
import re
import sys

# Section of the op reference: folder of its tests, and which options mean that there is the host.
SECTIONS = {
    "Shell": ("shell", lambda options: not {"--host=none", "--sandbox"} & options),
    "AWK": ("awk", lambda options: "--awk" in options),
}


def ops(reference, section):
    text = re.search(rf"^## {section}$(.*?)(?=^## |\Z)", reference, re.M | re.S).group(1)
    return re.findall(r"^\| \d+ \| (\w+) \|", text, re.M)


def cases(path):
    """Yields options and program of each case."""
    for case in re.split(r"^;; case:.*$", path.read_text(), flags=re.M)[1:]:
        options = re.search(r"^;; options: (.*)$", case, re.M)
        yield set(options.group(1).split() if options else []), case


def main():
    reference = pathlib.Path(sys.argv[1]).read_text()
    failures = []
    for section, (folder, has_host) in SECTIONS.items():
        names = ops(reference, section)
        print(f"{section}: {len(names)} ops")
        for name in names:
            path = pathlib.Path(sys.argv[2], folder, name + ".test")
            if not path.exists():
                failures.append(f"{path}: there is no such file")
                continue
            runs = [
                has_host(options)
                for options, program in cases(path)
                if re.search(rf"^\s*{name}\b", program, re.M)
            ]
            for host, what in ((True, "with the host"), (False, "without the host")):
                if host not in runs:
                    failures.append(f"{path}: no case {what}")
    print("\n".join(failures))
    sys.exit(bool(failures))


main()
