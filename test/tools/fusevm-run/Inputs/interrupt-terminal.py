#!/usr/bin/env python3
# Part of the fusevm project, under the MIT License.
# SPDX-License-Identifier: MIT
"""Runs a command on a terminal of its own, types Ctrl-C once it has printed a prompt, and prints
its output and exit status.

usage: interrupt-terminal.py PROMPT COMMAND [ARGUMENT...]
"""

import os
import pty
import signal
import sys
import termios

CTRL_C = b"\x03"

prompt, command = sys.argv[1].encode(), sys.argv[2:]
program, terminal = pty.fork()
if program == 0:
    # Whoever runs the tests may ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The terminal throws away what is to be printed after it has sent the signal, unless told not to:
    # what the program says of the signal may be there already.
    modes = termios.tcgetattr(0)
    modes[3] |= termios.NOFLSH
    termios.tcsetattr(0, termios.TCSANOW, modes)
    # Whatever goes wrong, nothing is left running.
    signal.alarm(60)
    os.execvp(command[0], command)

output = b""
is_typed = False
while True:
    try:
        received = os.read(terminal, 4096)
    except OSError:  # Linux says so when the program has gone.
        break
    if not received:
        break
    output += received
    if not is_typed and prompt in output:
        os.write(terminal, CTRL_C)
        is_typed = True
_, status = os.waitpid(program, 0)
sys.stdout.write(output.decode().replace("\r\n", "\n"))
print(f"exit status {os.waitstatus_to_exitcode(status)}")
