-- Allocates tokens, syntax trees and scopes from the text of expressions: what compilers and template engines do.
-- n: how many expressions are written, parsed and evaluated; the latest trees are kept.
local n = tonumber((...)) or 5500

local KEPT = 500

local seed = 113
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local names = { "width", "height", "x", "y", "total" }
local operators = { "+", "-", "*", "+", "-", "/" }

local function write(depth)
  if depth == 0 or random(6) == 1 then
    return random(2) == 1 and names[random(#names)] or tostring(random(999))
  end
  local text = write(depth - 1) .. " " .. operators[random(#operators)] .. " " .. write(depth - 1)
  return random(2) == 1 and "(" .. text .. ")" or text
end

local function tokenize(text)
  local tokens, at = {}, text:find("%S")
  while at do
    local number, word = text:match("^%d+", at), text:match("^%a+", at)
    local found = number or word or text:sub(at, at)
    tokens[#tokens + 1] = { kind = number and "number" or word and "name" or found, text = found, at = at }
    at = text:find("%S", at + #found)
  end
  tokens[#tokens + 1] = { kind = "end" }
  return tokens
end

local function parse(tokens)
  local place, expression = 1, nil

  local function take()
    place = place + 1
    return tokens[place - 1]
  end

  local function primary()
    local token = take()
    if token.kind == "number" then return { kind = "number", value = tonumber(token.text) } end
    if token.kind == "name" then return { kind = "name", name = token.text } end
    local inner = expression()
    assert(take().kind == ")")
    return inner
  end

  local function chain(operand, first, second)
    return function()
      local left = operand()
      while tokens[place].kind == first or tokens[place].kind == second do
        local operator = take()
        left = { kind = operator.kind, left = left, right = operand() }
      end
      return left
    end
  end

  expression = chain(chain(primary, "*", "/"), "+", "-")
  return expression()
end

local operations = {
  ["+"] = function(a, b) return (a + b) % 1000003 end,
  ["-"] = function(a, b) return (a - b) % 1000003 end,
  ["*"] = function(a, b) return a * b % 1000003 end,
  ["/"] = function(a, b) return a // (b == 0 and 1 or b) end,
}

local function evaluate(tree, scope)
  if not tree.left then return tree.value or scope[tree.name] end
  return operations[tree.kind](evaluate(tree.left, scope), evaluate(tree.right, scope))
end

local kept, checksum = {}, 0
for i = 1, n do
  local tree = parse(tokenize(write(random(5))))
  local scope = { width = i, height = random(100), x = i * 3, y = 7, total = checksum % 1000 }
  kept[(i - 1) % KEPT + 1] = tree
  checksum = (checksum * 31 + evaluate(tree, scope)) % 1000000007
end
for _, tree in ipairs(kept) do
  checksum = (checksum * 31 + evaluate(tree, { width = 1, height = 2, x = 3, y = 4, total = 5 })) % 1000000007
end
return checksum
