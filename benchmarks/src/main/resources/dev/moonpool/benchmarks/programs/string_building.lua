-- Allocates strings by .., table.concat, string.format and gsub: blocks of odd sizes, and buffers that double.
-- n: how many texts are built; the latest of them are kept.
local n = tonumber((...)) or 5000

local KEPT = 600

local seed = 17
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

-- every step makes a longer string and leaves the previous as garbage
local function appended(count)
  local text = ""
  for _ = 1, count do
    text = text .. random(100000) .. ","
  end
  return text
end

local function joined(count)
  local parts = {}
  for i = 1, count do
    parts[i] = "item" .. random(5000)
  end
  return table.concat(parts, "; ")
end

local function formatted(count)
  local lines = {}
  for i = 1, count do
    local price = random(10000) / 4
    lines[i] = string.format("%05d %-10s %8.2f %x", i, "row" .. random(300), price, random(65536))
  end
  return table.concat(lines, "\n")
end

local function substituted(text)
  local marked = text:gsub("%d+", function(digits)
    return "<" .. digits .. ">"
  end)
  return (marked:gsub("[,;\n]", { [","] = " and ", [";"] = " or ", ["\n"] = "\r\n" }))
end

local function repeated(count)
  return ("ab" .. random(10)):rep(count, "-"):upper():reverse()
end

local makers = { appended, joined, formatted, repeated }
local kept = {}
local checksum = 0

for i = 1, n do
  local make = makers[random(#makers)]
  local text = make(random(80))
  if random(2) == 1 then
    text = substituted(text)
  end
  kept[(i - 1) % KEPT + 1] = text
  local middle = text:sub(#text // 2 + 1, #text // 2 + 8)
  checksum = (checksum * 31 + #text + (middle:byte(1) or 0)) % 1000000007
end

for _, text in ipairs(kept) do
  checksum = (checksum * 31 + #text) % 1000000007
end
return checksum
