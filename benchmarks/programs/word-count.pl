my %counts;
while (my $word = <STDIN>) {
    chomp $word;
    last if $word eq "";
    $counts{$word} = ($counts{$word} || 0) + 1;
}
my @words = sort keys %counts;
print scalar(@words), "\n";
for my $word (@words) {
    print $counts{$word}, " ", $word, "\n";
}
