-- Allocates tables of rows of floats, new for every result: array parts of many sizes, and arithmetic in between.
-- n: how many operations there are; their results replace older matrices.
local n = tonumber((...)) or 1800

local KEPT = 300
local MAX_SIZE = 24

local seed = 101
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local function generate(rows, columns, element)
  local matrix = {}
  for i = 1, rows do
    local row = {}
    for j = 1, columns do
      row[j] = element(i, j)
    end
    matrix[i] = row
  end
  return matrix
end

local function random_matrix(size)
  return generate(size, size, function() return random(1000) / 1000 end)
end

local function transpose(a)
  return generate(#a[1], #a, function(i, j) return a[j][i] end)
end

local function add(a, b)
  return generate(#a, #a[1], function(i, j) return (a[i][j] + b[i][j]) / 2 end)
end

-- divided by the size, so that products stay between 0 and 1 as their factors do
local function multiply(a, b)
  local columns = transpose(b)
  local product = {}
  for i, row in ipairs(a) do
    local result = {}
    for j, column in ipairs(columns) do
      local sum = 0.0
      for k = 1, #row do
        sum = sum + row[k] * column[k]
      end
      result[j] = sum / #row
    end
    product[i] = result
  end
  return product
end

local function trace(a)
  local sum = 0.0
  for i = 1, #a do
    sum = sum + a[i][i]
  end
  return sum
end

local kept = {}
for i = 1, KEPT do
  kept[i] = random_matrix(i % MAX_SIZE + 1)
end

local checksum = 0
for _ = 1, n do
  local place = random(KEPT)
  local a = kept[place]
  -- matrices that are a multiple of MAX_SIZE apart are of one size
  local b = kept[(place + MAX_SIZE * random(5)) % KEPT + 1]
  if #a ~= #b then
    b = random_matrix(#a)
  end
  local operation = random(4)
  if operation == 1 then
    kept[place] = multiply(a, b)
  elseif operation == 2 then
    kept[place] = add(multiply(a, a), transpose(b))
  elseif operation == 3 then
    kept[place] = add(a, b)
  else
    kept[place] = random_matrix(#a)
  end
  checksum = (checksum * 31 + math.floor(trace(kept[place]) * 1000)) % 1000000007
end
return checksum
