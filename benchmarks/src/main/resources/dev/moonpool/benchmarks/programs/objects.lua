-- Allocates instances of classes, mostly short-lived: object-oriented scripts, with inheritance and operators.
-- n: how many steps of the simulation; each moves some bodies and replaces a few.
local n = tonumber((...)) or 1800

local BODIES = 4000

local seed = 23
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local function class(parent)
  local new_class = setmetatable({}, { __index = parent })
  new_class.__index = new_class
  new_class.super = parent
  return new_class
end

local Vector = class()
Vector.__add = function(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
Vector.__unm = function(a) return Vector.new(-a.x, -a.y) end

function Vector.new(x, y)
  return setmetatable({ x = x, y = y }, Vector)
end

local Body = class()

function Body.new(kind, id)
  local self = setmetatable({}, kind)
  self:init(id)
  return self
end

function Body:init(id)
  self.id = id
  self.position = Vector.new(random(1000), random(1000))
  self.velocity = Vector.new(random(9) - 5, random(9) - 5)
end

function Body:move()
  self.position = self.position + self.velocity
end

local Bouncer = class(Body)

function Bouncer:move()
  Body.move(self)
  if self.position.x < 0 or self.position.x > 1000 then
    self.velocity = -self.velocity
  end
end

local Trailer = class(Bouncer)

function Trailer:init(id)
  self.super.init(self, id)
  self.trail = {}
end

function Trailer:move()
  Bouncer.move(self)
  self.trail[#self.trail % 8 + 1] = self.position
end

local kinds = { Body, Bouncer, Trailer }
local bodies = {}
for i = 1, BODIES do
  bodies[i] = Body.new(kinds[random(#kinds)], i)
end

for step = 1, n do
  for _ = 1, 100 do
    bodies[random(BODIES)]:move()
  end
  for _ = 1, 10 do
    bodies[random(BODIES)] = Body.new(kinds[random(#kinds)], BODIES + step)
  end
end

local checksum = 0
for _, body in ipairs(bodies) do
  local trail = body.trail and #body.trail or 0
  checksum = (checksum * 31 + body.id + body.position.x * 7 + body.position.y + trail) % 1000000007
end
return checksum
