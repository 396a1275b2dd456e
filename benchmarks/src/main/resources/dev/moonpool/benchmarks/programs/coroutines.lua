-- Allocates coroutines, whose stacks are large and grow: generators, pipelines, a scheduler of short-lived tasks.
-- n: how many tasks the scheduler runs; now and then one runs a pipeline or walks a tree.
local n = tonumber((...)) or 40000

local ACTIVE = 600

local seed = 61
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local function range(count)
  return coroutine.wrap(function()
    for i = 1, count do coroutine.yield(i) end
  end)
end

local function mapped(source, f)
  return coroutine.wrap(function()
    for value in source do coroutine.yield(f(value)) end
  end)
end

local function filtered(source, accepts)
  return coroutine.wrap(function()
    for value in source do
      if accepts(value) then coroutine.yield(value) end
    end
  end)
end

local function pipeline(count, divisor)
  local squares = mapped(range(count), function(i) return i * i end)
  local sum = 0
  for value in filtered(squares, function(i) return i % divisor ~= 0 end) do
    sum = sum + value
  end
  return sum
end

-- recursion inside one coroutine: its stack grows
local function walk(depth, path)
  if depth == 0 then
    coroutine.yield(#path)
    return
  end
  walk(depth - 1, path .. "l")
  walk(depth - 1, path .. "right")
end

local function leaves(depth)
  local sum = 0
  for length in coroutine.wrap(function() walk(depth, "") end) do
    sum = sum + length
  end
  return sum
end

local function task(id, steps)
  local sum = id
  for step = 1, steps do
    local received = coroutine.yield()
    sum = (sum * 3 + received + step) % 65521
  end
  if id % 10 == 0 then
    sum = sum + pipeline(steps * 2, 3)
  elseif id % 10 == 5 then
    sum = sum + leaves(steps % 5)
  end
  return sum
end

local tasks, started, checksum = {}, 0, 0
repeat
  while #tasks < ACTIVE and started < n do
    started = started + 1
    tasks[#tasks + 1] = coroutine.create(task)
    coroutine.resume(tasks[#tasks], started, random(12))
  end
  for i = #tasks, 1, -1 do
    local _, result = coroutine.resume(tasks[i], i)
    if result then
      checksum = (checksum * 31 + result) % 1000000007
      tasks[i] = tasks[#tasks]
      tasks[#tasks] = nil
    end
  end
until #tasks == 0
return checksum
