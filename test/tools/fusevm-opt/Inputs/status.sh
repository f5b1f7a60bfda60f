#!/usr/bin/env bash
# Runs a command and prints its exit status.
# usage: status.sh COMMAND [ARGUMENT...]
"$@"
echo "exit status $?"
