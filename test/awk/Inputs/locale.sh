# Runs a program in several locales and compares what it prints; FOLDER/C has it.
# usage: locale.sh FOLDER COMMAND...
folder=$1
shift
mkdir -p "$folder/locales"
# A German locale, for there may be none on the machine. Without localedef it is just a name.
localedef -i de_DE -f UTF-8 "$folder/locales/de_DE.UTF-8" 2> /dev/null
for locale in C C.UTF-8 de_DE.UTF-8; do
  env -u LANG -u LC_CTYPE LOCPATH="$folder/locales" LC_ALL=$locale "$@" > "$folder/$locale" || exit 1
  cmp "$folder/C" "$folder/$locale" || exit 1
done
