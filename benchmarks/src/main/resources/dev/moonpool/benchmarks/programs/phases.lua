-- Allocates one kind of objects, drops most, goes on with another kind: the hard case for reuse and fragmentation.
-- n: how many objects a phase makes at its height.
local n = tonumber((...)) or 7000

local ROUNDS = 4
local KEEP_EACH = 20

local seed = 71
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local function strings(count)
  local list = {}
  for i = 1, count do
    list[i] = i .. ":" .. ("x"):rep(random(10) == 1 and random(2000) or random(100))
  end
  return list
end

local function arrays(count)
  local list = {}
  for i = 1, count // 2 do
    local array = {}
    for j = 1, random(10) == 1 and random(300) or random(20) do
      array[j] = i * j
    end
    list[i] = array
  end
  return list
end

local function functions(count)
  local list = {}
  for i = 1, count * 2 do
    local a, b = i, random(1000)
    list[i] = function(c)
      a = (a + b * c) % 1000003
      return a
    end
  end
  return list
end

local checksum = 0
local function add(value)
  checksum = (checksum * 31 + value) % 1000000007
end

local function measure(object)
  return type(object) == "function" and object(3) or #object
end

-- survivors are spread over all that a phase has allocated
local survivors = {}
local function keep_some(list)
  for i = 1, #list do
    if i % KEEP_EACH == 0 then
      survivors[#survivors + 1] = list[i]
    else
      add(measure(list[i]))
    end
  end
end

-- the older half makes way, so that what is kept does not grow for ever
local function forget_half()
  local half = #survivors // 2
  survivors = table.move(survivors, half + 1, #survivors, 1, {})
end

for round = 1, ROUNDS do
  for _, make in ipairs({ strings, arrays, functions }) do
    keep_some(make(n + n * round // ROUNDS))
  end
  forget_half()
end

for _, survivor in ipairs(survivors) do
  add(measure(survivor))
end
return checksum
