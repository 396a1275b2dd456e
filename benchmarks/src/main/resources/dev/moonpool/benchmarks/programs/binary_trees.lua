-- Allocates trees of two-slot tables, short-lived ones beside one that stays: the classic test of small equal blocks.
-- n: how many leaves the tallest tree has, rounded down to a power of two.
local n = tonumber((...)) or 32768

local MIN_DEPTH = 4

local function depth_of(leaves)
  local depth = MIN_DEPTH
  while (2 << depth) <= leaves do
    depth = depth + 1
  end
  return depth
end

local function build(depth)
  if depth == 0 then
    return {}
  end
  return { build(depth - 1), build(depth - 1) }
end

local function count(tree)
  local left = tree[1]
  if not left then
    return 1
  end
  return 1 + count(left) + count(tree[2])
end

local checksum = 0
local function add(value)
  checksum = (checksum * 31 + value) % 1000000007
end

local max_depth = depth_of(n)

-- one that is taller than all others and is dropped at once
add(count(build(max_depth + 1)))

local long_lived = build(max_depth)

for depth = MIN_DEPTH, max_depth, 4 do
  local trees = 1 << (max_depth - depth + 1)
  local nodes = 0
  for _ = 1, trees do
    nodes = nodes + count(build(depth))
  end
  add(nodes)
end

add(count(long_lived))
return checksum
