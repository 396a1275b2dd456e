-- Allocates requests, responses and the entries of a bounded LRU cache: a service's steady heap and mixed lifetimes.
-- n: how many requests are handled.
local n = tonumber((...)) or 12000

local CACHE_SIZE = 800

local seed = 83
local function random(limit)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % limit + 1
end

local resources = { "users", "orders", "items", "reports" }

local function request_text()
  -- the smaller of two, so that some pages are asked for more often
  local id = math.min(random(3000), random(3000))
  local head = "GET /%s/%d?page=%d&sort=name HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nX-Trace: %08x\r\n\r\n"
  return head:format(resources[id % #resources + 1], id, id % 3, random(1 << 20))
end

local function parse(text)
  local method, target = text:match("^(%u+) (%S+)")
  local path, query = target:match("^([^?]*)%??(.*)$")
  local request = { method = method, target = target, segments = {}, query = {}, headers = {} }
  for segment in path:gmatch("[^/]+") do
    table.insert(request.segments, segment)
  end
  for key, value in query:gmatch("(%w+)=(%w+)") do
    request.query[key] = value
  end
  for key, value in text:gmatch("\r\n([%w-]+): ([^\r]+)") do
    request.headers[key:lower()] = value
  end
  return request
end

local function respond(request)
  local rows = {}
  for i = 1, tonumber(request.segments[2]) % 25 + 5 do
    rows[i] = string.format("<li>%s %s #%d</li>", request.segments[1], request.query.page, i)
  end
  local body = "<ul>" .. table.concat(rows, "\n") .. "</ul>"
  return { status = 200, headers = { ["content-length"] = #body, ["content-type"] = "text/html" }, body = body }
end

-- the cache: entries by key, in a ring around `ring` from the latest to the oldest used
local entries, size, ring = {}, 0, {}
ring.newer, ring.older = ring, ring

local function unlink(entry)
  entry.newer.older, entry.older.newer = entry.older, entry.newer
end

local function link(entry)
  entry.newer, entry.older = ring, ring.older
  ring.older.newer, ring.older = entry, entry
end

local function lookup(request)
  local entry = entries[request.target]
  if entry then
    unlink(entry)
    link(entry)
    return entry.response, true
  end
  if size == CACHE_SIZE then
    entries[ring.newer.key] = nil
    unlink(ring.newer)
    size = size - 1
  end
  entry = { key = request.target, response = respond(request) }
  entries[entry.key] = entry
  link(entry)
  size = size + 1
  return entry.response, false
end

local checksum = 0
for _ = 1, n do
  local request = parse(request_text())
  local response, hit = lookup(request)
  local head = string.format("HTTP/1.1 %d OK\r\nX-Cache: %s\r\nX-Trace: %s\r\n\r\n",
    response.status, hit and "hit" or "miss", request.headers["x-trace"])
  checksum = (checksum * 31 + #(head .. response.body)) % 1000000007
end
return checksum
