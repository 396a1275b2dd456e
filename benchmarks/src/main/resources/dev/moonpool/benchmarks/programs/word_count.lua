-- Allocates interned words beside long texts, and a table that grows with them: hash parts that are rehashed.
-- n: how many words the text has.
local n = tonumber((...)) or 150000

local WORDS_PER_PAGE = 2000

local seed = 97
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local consonants = { "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z" }
local vowels = { "a", "e", "i", "o", "u" }

-- a number's own word: the smaller the number, the shorter
local function word(number)
  local result = ""
  repeat
    result = result .. consonants[number % #consonants + 1] .. vowels[number // #consonants % #vowels + 1]
    number = number // 70
  until number == 0
  return result
end

-- small numbers are much more frequent, as are short words
local function page(count)
  local words = {}
  for i = 1, count do
    local text = word(random(random(60000)))
    if random(12) == 1 then
      text = text:sub(1, 1):upper() .. text:sub(2) .. "."
    end
    words[i] = text
  end
  return table.concat(words, " ")
end

local counts, total = {}, 0

local function count_words(text)
  for found in text:gmatch("%a+") do
    local key = found:lower()
    counts[key] = (counts[key] or 0) + 1
    total = total + 1
  end
end

local left = n
while left > 0 do
  local count = math.min(left, WORDS_PER_PAGE)
  count_words(page(count))
  left = left - count
end

local keys = {}
for key in pairs(counts) do
  keys[#keys + 1] = key
end
table.sort(keys, function(a, b)
  if counts[a] ~= counts[b] then
    return counts[a] > counts[b]
  end
  return a < b
end)

local lines = {}
local checksum = total
for i, key in ipairs(keys) do
  lines[i] = string.format("%6d %s", counts[key], key)
  checksum = (checksum * 31 + counts[key] * #key + key:byte(1)) % 1000000007
end
return (checksum * 31 + #table.concat(lines, "\n")) % 1000000007
