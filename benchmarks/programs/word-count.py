import sys


def main():
    counts = {}
    for line in sys.stdin:
        word = line[:-1]
        if not word:
            break
        counts[word] = counts.get(word, 0) + 1
    words = sorted(counts)
    print(len(words))
    for word in words:
        print(counts[word], word)


main()
