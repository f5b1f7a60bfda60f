my $n = $ARGV[0];
my $text = "";
for (my $i = 0; $i < $n; $i++) {
    $text = $text . "ab";
}
print length($text), "\n";
