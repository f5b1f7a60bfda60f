our $text = "";
my $n = $ARGV[0];
for (my $i = 0; $i < $n; $i++) {
    $text = $text . $i;
    $text = $text . ",";
}
print length($text), "\n";
