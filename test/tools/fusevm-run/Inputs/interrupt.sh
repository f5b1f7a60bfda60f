#!/usr/bin/env bash
# Starts a command, interrupts it once its output file is not empty, and prints its exit status.
# usage: interrupt.sh OUTPUT COMMAND [ARGUMENT...]
output=$1
shift
rm -f "$output" # What an earlier run left would not be empty.
# A background job of a script has SIGINT ignored, which the shell cannot undo.
env --default-signal=INT "$@" > "$output" 2>&1 &
until [[ -s $output ]]; do
  sleep 0.01
done
kill -INT $!
wait $!
echo "exit status $?"
