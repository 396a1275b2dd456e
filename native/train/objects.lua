-- Tables, methods, closures, sorting, coroutines and errors; what is made soon becomes garbage.

local Shape = {}
Shape.__index = Shape
function Shape.new(class, x, y)
  return setmetatable({ x = x, y = y }, class)
end
function Shape:move(dx, dy)
  self.x = self.x + dx
  self.y = self.y + dy
  return self
end
function Shape:area() return 0 end
local Square = setmetatable({}, { __index = Shape })
Square.__index = Square
Square.__add = function(a, b) return Shape.new(Square, a.x + b.x, a.y + b.y) end
Square.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Square.__lt = function(a, b) return a.x < b.x end
Square.__len = function(a) return a.x end
Square.__call = function(a, n) return a.x * n end
function Square:area() return self.x * self.x end
local sum = 0
for i = 1, 6000 do
  local shape = Shape.new(i % 2 == 0 and Square or Shape, i, 2)
  sum = sum + shape:move(1, -1):area()
  if i % 2 == 0 then
    local other = shape + shape
    if other ~= shape and shape < other then sum = sum + #other + other(3) end
  end
end

local function tree(depth)
  if depth == 0 then return {} end
  return { tree(depth - 1), tree(depth - 1) }
end
local function count(node)
  return node[1] and 1 + count(node[1]) + count(node[2]) or 1
end
local kept = tree(10)
for _ = 1, 12 do sum = sum + count(tree(9)) end
assert(count(kept) == 2047)

local function counter(step)
  local n = 0
  return function() n = n + step return n end, function() return n end
end
local function apply(f, ...) return f(...) end
for i = 1, 4000 do
  local add, get = counter(i)
  add()
  sum = sum + apply(get) + select("#", apply(table.unpack, { 1, 2, i }))
end

local seed = 7
local items = {}
for i = 1, 2500 do
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  items[i] = { key = seed % 5000, name = "item" .. seed % 5000 }
end
table.sort(items, function(a, b) return a.key < b.key end)
table.sort(items, function(a, b) return a.name < b.name end)
local numbers = {}
for i, item in ipairs(items) do numbers[i] = item.key end
table.sort(numbers)

local queue, first = {}, 1
for i = 1, 4000 do
  queue[#queue + 1] = i
  table.insert(numbers, 10 + i % 90, i)
  if i % 3 == 0 then queue[first], first = nil, first + 1 end
  if i % 2 == 0 then table.remove(numbers, 20) end
end
local map = {}
for i = 1, 4000 do
  map["key" .. i % 700] = i
  map[i % 900] = { i }
  if i % 5 == 0 then map["key" .. i % 300] = nil end
end
for _ = 1, 10 do
  for key, value in pairs(map) do
    if type(key) == "string" and rawequal(map[key], value) then sum = sum + value end
  end
  for key in next, map do sum = sum + (rawget(map, key) and 1 or 0) end
end

local function generate(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i) end
  end)
end
for i = 1, 150 do
  for value in generate(20) do sum = sum + value end
end
for i = 1, 1500 do
  local ok, why = pcall(function(n) if n % 3 == 0 then error({ n }) elseif n % 3 == 1 then error("text") end end, i)
  if not ok then sum = sum + (type(why) == "table" and why[1] or #why) end
end
local weak = setmetatable({}, { __mode = "v" })
for i = 1, 2000 do
  weak[i] = { i }
  setmetatable({}, { __gc = i % 50 == 0 and function() sum = sum + 1 end or nil })
end
do
  local closing <close> = setmetatable({}, { __close = function() sum = sum + 1 end })
end
collectgarbage()
assert(sum > 0)
