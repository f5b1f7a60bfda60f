#!/usr/bin/env bash
# Starts a command, interrupts it once its output file is not empty, and prints its exit status.
# usage: interrupt.sh OUTPUT COMMAND [ARGUMENT...]
output=$1
shift
rm -f "$output" # What an earlier run left would not be empty.
# A background job of a script has SIGINT ignored, which the shell cannot undo.
# Nor has it standard input unless it is told so.
env --default-signal=INT "$@" <&0 > "$output" 2>&1 &
program=$!
# Whatever goes wrong, nothing is left running.
(sleep 60; kill -KILL "$program") > /dev/null 2>&1 &
guard=$!
until [[ -s $output ]]; do
  sleep 0.01
done
# What it does behind that is to be interrupted.
sleep 0.2
kill -INT "$program"
wait "$program"
status=$?
kill "$guard"
echo "exit status $status"
