import sys

n = int(sys.argv[1])
text = ""
for i in range(n):
    text = text + str(i)
    text = text + ","
print(len(text))
