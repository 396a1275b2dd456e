-- Arithmetic, comparisons and loops, on integers and floats, in locals, upvalues and arrays.

local function fibonacci(n)
  if n < 2 then return n end
  return fibonacci(n - 1) + fibonacci(n - 2)
end
assert(fibonacci(22) == 17711)

local function primes(limit)
  local composite, found = {}, {}
  for i = 2, limit do
    if not composite[i] then
      found[#found + 1] = i
      for j = i * i, limit, i do composite[j] = true end
    end
  end
  return found
end
assert(#primes(20000) == 2262)

local function escape_time(x, y)
  local a, b, n = 0.0, 0.0, 0
  while n < 50 and a * a + b * b < 4.0 do
    a, b, n = a * a - b * b + x, 2.0 * a * b + y, n + 1
  end
  return n
end
local total = 0
for i = -20, 20 do
  for j = -20, 20 do total = total + escape_time(i / 12, j / 15) end
end
assert(total > 0)

local seed = 42
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit
end
local bits, steps = 0, 0
for i = 1, 20000 do
  bits = bits ~ (random(1 << 20) << (i & 15))
  local n = random(100) + 1
  while n ~= 1 and steps < i * 4 do
    n = n % 2 == 0 and n // 2 or 3 * n + 1
    steps = steps + 1
  end
end

local size = 24
local function matrix(f)
  local m = {}
  for i = 1, size do
    local row = {}
    for j = 1, size do row[j] = f(i, j) end
    m[i] = row
  end
  return m
end
local a = matrix(function(i, j) return i + j / 2 end)
local b = matrix(function(i, j) return i - j end)
for _ = 1, 4 do
  a = matrix(function(i, j)
    local sum = 0
    for k = 1, size do sum = sum + a[i][k] * b[k][j] end
    return sum / 1000
  end)
end
for i = 1, 5000 do
  total = total + math.floor(math.sqrt(i)) + math.max(i, 7) + math.abs(-i) + (math.tointeger(i + 0.0) or 0)
end
