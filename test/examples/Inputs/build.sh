d=$(mktemp -d)
trap 'rm -rf "$d"; echo "cleaned up"' EXIT
{
  for source; do
    echo "building $source"
    tr a-z A-Z < "$source" > "$d/${source##*/}.o" 2>&1 || { echo "failed: $source"; failed=1; }
  done
} > "$d/log"
cat "$d/log" "$d"/*.o
exit "${failed:-0}"
