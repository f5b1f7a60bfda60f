count=0
while IFS= read -r path; do
  path=${path#./}
  [ -s "$path" ] || continue
  case $path in
    */*) folder=${path%/*} ;;
    *) folder=. ;;
  esac
  echo "$folder: ${path##*/}"
  count=$((count + 1))
done <<PATHS
$(find . -name '.?*' -prune -o -name '*.txt' -print | LC_ALL=C sort)
PATHS
echo "$count files"
