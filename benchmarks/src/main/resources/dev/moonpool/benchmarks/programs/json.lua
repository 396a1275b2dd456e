-- Allocates nested documents, their JSON and what is decoded from it: tables, strings and buffers that live together.
-- n: how many documents go from tables to text and back; the latest are kept.
local n = tonumber((...)) or 300

local KEPT = 100

local seed = 41
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }
local unescapes = { ['"'] = '"', ["\\"] = "\\", n = "\n" }

local function encode(value)
  if type(value) == "string" then return '"' .. value:gsub('["\\\n]', escapes) .. '"' end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  if value[1] ~= nil then
    for i, item in ipairs(value) do parts[i] = encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do
    parts[i] = encode(key) .. ":" .. encode(value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- decode and its parts return the value at a position, and the position after it
local decode

local function decode_string(text, at)
  local stop = text:find('["\\]', at + 1)
  while text:sub(stop, stop) == "\\" do
    stop = text:find('["\\]', stop + 2)
  end
  return text:sub(at + 1, stop - 1):gsub("\\(.)", unescapes), stop + 1
end

local function decode_items(text, at, close)
  if text:sub(at + 1, at + 1) == close then return {}, at + 2 end
  local result = {}
  repeat
    local key, value = #result + 1, nil
    if close == "}" then
      key, at = decode_string(text, at + 1)
    end
    value, at = decode(text, at + 1)
    result[key] = value
  until text:sub(at, at) == close
  return result, at + 1
end

function decode(text, at)
  local first = text:sub(at, at)
  if first == '"' then
    return decode_string(text, at)
  elseif first == "[" or first == "{" then
    return decode_items(text, at, first == "[" and "]" or "}")
  end
  local word = text:match("^[%w.+-]+", at)
  return tonumber(word) or word == "true", at + #word
end

local function document(depth)
  local kind = depth == 0 and random(3) or random(2) + 3
  if kind == 1 then return random(100000) / 4 end
  if kind == 2 then return random(2) == 1 end
  if kind == 3 then return ("say \"%d\"\n\\%x"):format(random(9999), random(99)) end
  local items = {}
  for i = 1, random(6) do
    items[kind == 4 and i or "key" .. random(40)] = document(depth - 1)
  end
  return items
end

local kept, checksum = {}, 0
for i = 1, n do
  local text = encode(document(random(5)))
  local decoded = decode(text, 1)
  assert(encode(decoded) == text)
  kept[(i - 1) % KEPT + 1] = decoded
  checksum = (checksum * 31 + #text + text:byte(#text // 2)) % 1000000007
end
return checksum
