BEGIN  { FS = ","; printf "%-12s %-10s %10s\n", "name", "department", "salary" }
NR > 1 { printf "%-12s %-10s %10.2f\n", $1, $2, $3; sum += $3 }
END    { printf "%-12s %-10s %10.2f\n", "mean", "", sum / (NR - 1) }
