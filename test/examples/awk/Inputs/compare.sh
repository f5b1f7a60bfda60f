# Compares the file OUTPUT with what each awk on the machine prints for the same program.
# usage: compare.sh OUTPUT PROGRAM [FILE...]
output=$1
program=$2
shift 2
for awk in gawk mawk original-awk; do
  command -v "$awk" > /dev/null || continue
  LC_ALL=C.UTF-8 "$awk" -f "$program" "$@" | cmp - "$output" || exit 1
done
exit 0
