#!/usr/bin/env python3
"""Does what a page of the documentation tells its reader to do.

usage: run-console.py PAGE FOLDER FILE

In the order of the page: a block marked "fvm" becomes FILE in FOLDER; of a block marked "console"
each line after "$ " is run there by the shell, and what it prints must be the lines below it.
"""

import pathlib
import re
import subprocess
import sys


def run_block(text, folder):
    """What the block looks like when its commands print what they print now."""
    result = ""
    for line in text.splitlines():
        if not line.startswith("$ "):
            continue
        done = subprocess.run(
            line[2:],
            shell=True,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        result += line + "\n" + done.stdout
    return result


def main():
    page, folder, file = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    folder.mkdir(parents=True, exist_ok=True)
    failures = commands = 0
    text = pathlib.Path(page).read_text()
    for match in re.finditer(r"^```(fvm|console)\n(.*?)^```$", text, re.M | re.S):
        if match[1] == "fvm":
            (folder / file).write_text(match[2])
            continue
        commands += 1
        actual = run_block(match[2], folder)
        if actual != match[2]:
            failures += 1
            place = text.count("\n", 0, match.start()) + 1
            print(f"{page}:{place}: error: the commands print something else now:\n{actual}")
    if not commands:
        print(f'{page}: error: no block marked "console"')
    return 1 if failures or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
