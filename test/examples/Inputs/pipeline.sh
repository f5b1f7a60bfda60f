sort < "$1" | uniq -c | sort -rn | head -n 5 || echo "the pipeline failed"
