-- Allocates closures, upvalues that some share, and the arrays of map and filter: the functional style's small blocks.
-- n: how many chains of functions are built and run.
local n = tonumber((...)) or 2500

local KEPT = 5000

local seed = 31
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local function map(list, f)
  local result = {}
  for i = 1, #list do
    result[i] = f(list[i])
  end
  return result
end

local function filter(list, accepts)
  local result = {}
  for i = 1, #list do
    if accepts(list[i]) then result[#result + 1] = list[i] end
  end
  return result
end

local function fold(list, f, initial)
  local result = initial
  for i = 1, #list do
    result = f(result, list[i])
  end
  return result
end

local function compose(f, g)
  return function(...) return f(g(...)) end
end

local function adder(a)
  return function(b) return a + b end
end

-- two closures that share an upvalue
local function counter(start)
  local value = start
  local function increment(by)
    value = (value + by) % 1000003
  end
  return { increment = increment, get = function() return value end }
end

-- a list without tables: a function that returns its head and the rest
local function cons(head, tail)
  return function() return head, tail end
end

local counters = {}
local checksum = 0

for i = 1, n do
  local numbers, list = {}, nil
  for j = 1, 30 do
    numbers[j] = random(1000)
    list = cons(numbers[j], list)
  end

  local transform = fold(map(numbers, adder), compose, adder(i))
  local divisor = random(3) + 1
  local kept = filter(numbers, function(number) return number % divisor == 0 end)
  local sum = fold(map(kept, transform), function(a, b) return a + b end, 0)

  while list do
    local head, tail = list()
    local place = (head * 7 + i) % KEPT + 1
    if not counters[place] or random(4) == 1 then
      counters[place] = counter(head)
    end
    counters[place].increment(sum)
    list = tail
  end
  checksum = (checksum * 31 + sum) % 1000000007
end

for i = 1, KEPT do
  checksum = (checksum * 31 + (counters[i] and counters[i].get() or 0)) % 1000000007
end
return checksum
