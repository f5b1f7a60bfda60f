n = tonumber(arg[1])
sum, i = 0, 0
while i < n do
  sum = i - sum + 3
  i = i + 1
end
print(sum)
