# Runs commands in dash and in the shell host: compare-with-dash.sh FUSEVM-RUN... < COMMANDS
# Each line of COMMANDS is a command as a shell would read it. Its output, and whether it
# succeeds, must be the same; messages are not compared.
tool=("$@")
cd "$(dirname "$0")" || exit 1
expected=$(mktemp)
found=$(mktemp)
trap 'rm -f "$expected" "$found"' EXIT
result=0
count=0
while IFS= read -r line; do
  [ -n "$line" ] || continue
  eval "set -- $line"
  dash -c '"$@"' dash "$@" < command.fvm > "$expected" 2> /dev/null
  wanted=$(($? != 0))
  "${tool[@]}" command.fvm -- "$@" < command.fvm > "$found" 2> /dev/null
  got=$(($? != 0))
  count=$((count + 1))
  if [ $got != $wanted ] || ! cmp -s "$expected" "$found"; then
    echo "different: $line"
    echo "  dash: $wanted $(tr '\0' '@' < "$expected")"
    echo "  host: $got $(tr '\0' '@' < "$found")"
    result=1
  fi
done
echo "$count commands"
exit $result
