BEGIN {
  command = "printf '%s\\n' one two three"
  while ((command | getline line) > 0) print ++n ": " line
  close(command)
  exit n
}
