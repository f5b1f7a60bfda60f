import sys


def main():
    n = int(sys.argv[1])
    text = ""
    for _ in range(n):
        text = text + "ab"
    print(len(text))


main()
