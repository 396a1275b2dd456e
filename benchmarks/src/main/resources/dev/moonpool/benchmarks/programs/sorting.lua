-- Allocates records, their sort keys and the closures that compare them: arrays of a known size, many short strings.
-- n: how many records there are; they are sorted in several orders.
local n = tonumber((...)) or 8000

local seed = 53
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local syllables = { "Ka", "ro", "Mi", "ta", "Lu", "ne", "So", "vi", "Be", "du" }

local function name()
  local parts = {}
  for i = 1, random(4) + 1 do
    parts[i] = syllables[random(#syllables)]
  end
  return table.concat(parts)
end

local function records(count)
  local list = {}
  for i = 1, count do
    list[i] = { id = i, first = name(), last = name(), score = random(1000) / 8, tags = { name(), name() } }
  end
  return list
end

-- a comparator for what key gives; ties are left to the next comparator
local function by(key, next_comparator)
  return function(a, b)
    local key_a, key_b = key(a), key(b)
    if key_a ~= key_b then
      return key_a < key_b
    end
    return next_comparator(a, b)
  end
end

local function reversed(comparator)
  return function(a, b)
    return comparator(b, a)
  end
end

local function field(field_name)
  return function(record)
    return record[field_name]
  end
end

local by_id = by(field("id"), function() return false end)
local orders = {
  by(field("score"), by_id),
  by(field("last"), by(field("first"), by_id)),
  reversed(by(function(record) return record.tags[1]:lower() end, by_id)),
  by(function(record) return record.last .. ", " .. record.first end, reversed(by_id)),
}

local checksum = 0
local function add(list)
  for place, record in ipairs(list) do
    checksum = (checksum * 31 + record.id * place) % 1000000007
  end
end

local list = records(n)
for _, order in ipairs(orders) do
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted, order)
  add(sorted)
end

-- the same with the keys made once, and only then compared
local decorated = {}
for i, record in ipairs(list) do
  decorated[i] = { key = string.format("%s/%s/%06d", record.tags[2], record.last, record.id), id = record.id }
end
table.sort(decorated, function(a, b) return a.key < b.key end)
add(decorated)
return checksum
