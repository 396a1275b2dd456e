-- Strings: building, formatting, searching, taking apart, as keys; and source text to compile.

local words = {}
local prose = ("the quick brown fox jumps over the lazy dog, and so do nine others. "):rep(40)
for _ = 1, 4 do
  for word in prose:gmatch("%a+") do words[word] = (words[word] or 0) + 1 end
end
assert(words.the == 320)

local lines = {}
for i = 1, 1500 do
  lines[#lines + 1] = string.format("%d;%s;%.3f;%q", i, "name" .. i, i / 7, "a \"text\"")
end
local document = table.concat(lines, "\n")
local sum = 0
for line in document:gmatch("[^\n]+") do
  local number, name, share = line:match("^(%d+);([^;]*);([%d.]+);")
  sum = sum + tonumber(number) + #name + tonumber(share)
end
assert(sum > 0)

local text = ""
for i = 1, 1500 do text = text .. string.char(65 + i % 26) end
local counts = {}
for i = 1, #text do
  local letter = text:sub(i, i)
  counts[letter] = (counts[letter] or 0) + text:byte(i)
end
for _ = 1, 20 do
  assert(text:upper():lower():reverse():len() == #text)
  text:gsub("A(%u)", "%1a"):gsub("%u", { B = "b", C = false }):gsub("%l", string.upper)
  text:find("ZABCDEFX", 1, true)
  text:find("Z+A?B-C$")
end
for i = 1, 200 do
  local line = ("-"):rep(i) .. ("ab"):rep(i % 20, ", ")
  assert(#line >= i and tonumber(("%d"):format(i)) == i and tonumber(("%x"):format(i), 16) == i)
  assert(not pcall(error, line) and not pcall(error, { line }))
end
for i = 1, 3000 do
  local key = "field_" .. i % 200
  counts[key] = (counts[key] or 0) + 1
  assert(tostring(i) == i .. "" and (key < "g") and key ~= "field_")
end
for position, code in utf8.codes("grüße, 世界") do sum = sum + position + code end
string.unpack("<i4d", string.pack("<i4d", 7, 0.5))

-- A small recursive-descent parser that walks a string.
local function parse(source)
  local position = 1
  local value
  local function blank() position = source:match("^%s*()", position) end
  local function list(close, item)
    local result = {}
    position = position + 1
    blank()
    while source:sub(position, position) ~= close do
      item(result)
      blank()
      if source:sub(position, position) == "," then position = position + 1 end
      blank()
    end
    position = position + 1
    return result
  end
  function value()
    blank()
    local first = source:byte(position)
    if first == 91 then
      return list("]", function(result) result[#result + 1] = value() end)
    elseif first == 123 then
      return list("}", function(result)
        local key = value()
        blank()
        position = position + 1
        result[key] = value()
      end)
    elseif first == 34 then
      local content, after = source:match('^"([^"]*)"()', position)
      position = after
      return content
    end
    local number, after = source:match("^(-?[%d.]+)()", position)
    position = after
    return tonumber(number)
  end
  return value()
end
local object = '{"id": 17, "tags": ["a", "b", "some longer text"], "at": {"x": 1.5, "y": -2}}'
for _ = 1, 6 do
  assert(#parse("[" .. (object .. ","):rep(40) .. object .. "]") == 41)
end

local source = [[
local Account = {} Account.__index = Account
function Account.new(owner, balance) return setmetatable({owner = owner, balance = balance or 0}, Account) end
function Account:deposit(amount) if amount <= 0 then error("amount") end self.balance = self.balance + amount end
local total = 0
for i = 1, 10 do local a = Account.new("x" .. i, i * 2) a:deposit(3) total = total + a.balance end
local t = {1, 2, 3, x = 4, ["y z"] = 5, [6] = function(...) return select('#', ...), ... end}
while total > 100 do total = total // 2 goto next ::next:: end
repeat total = total + 1 until total > 5 and not (total == 7 or total ~= total)
return total, t
]]
for i = 1, 150 do assert(load(source, "=chunk" .. i % 3))() end
local code = string.dump(assert(load(source)))
for _ = 1, 50 do load(code, "=code", "b") end
for i = 1, 20 do load(source .. ("("):rep(i)) end
