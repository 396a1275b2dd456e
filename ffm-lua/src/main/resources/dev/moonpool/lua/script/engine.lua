-- What a script engine adds to Lua. Called once per engine with
--   find(name): the value of a name in the scopes around the script's own, or nil
--   loaded(code, variables): a function of code that was compiled here, in an environment
--   write(text, line): text for the context's writer; line says that it is a whole one
-- Returns three functions for Java: environment, bind and methods.
--
-- A script's global variables are in a table of their own, its environment:
--
--   environment -> of its own: _G, load, loadfile, dofile, arg -> standard library -> find
--
-- where each table is the __index of the one before it.

local find, write, loaded = ...
local standard = _G
local dump, format = string.dump, string.format
local concat, pack = table.concat, table.pack
local error, load, loadfile, select = error, load, loadfile, select
local setmetatable, tostring, type = setmetatable, tostring, type

setmetatable(standard, {
  __index = function(_, name)
    if type(name) == 'string' then return find(name) end
  end,
})

function standard.print(...)
  local texts = pack(...)
  for i = 1, texts.n do texts[i] = tostring(texts[i]) end
  write(concat(texts, '\t', 1, texts.n) .. '\n', true)
end

local io = io
local stdout, output, write_file = io.stdout, io.output, io.write

function io.write(...)
  if output() ~= stdout then return write_file(...) end
  for i = 1, select('#', ...) do
    local kind = type((select(i, ...)))
    if kind ~= 'string' and kind ~= 'number' then
      error(format("bad argument #%d to 'write' (string expected, got %s)", i, kind), 2)
    end
  end
  write(concat({...}), false)
  return stdout
end

-- A new environment, and the table that has what is its own without being a variable.
-- What is loaded in it runs in it, as it does in a state that has but one.
local function environment()
  local variables = {}
  local own = {_G = variables}
  function own.load(chunk, name, mode, ...)
    if select('#', ...) == 0 then return load(chunk, name, mode, variables) end
    return load(chunk, name, mode, ...)
  end
  function own.loadfile(file, mode, ...)
    if select('#', ...) == 0 then return loadfile(file, mode, variables) end
    return loadfile(file, mode, ...)
  end
  function own.dofile(file)
    local chunk, message = loadfile(file, nil, variables)
    if not chunk then error(message, 0) end
    return chunk()
  end
  setmetatable(own, {__index = standard})
  return setmetatable(variables, {__index = own}), own
end

-- A function that calls a compiled chunk in the environment that it is given. Each has a function
-- of its own: those that are defined in it keep their variables whatever runs later.
local function bind(chunk)
  local code = dump(chunk)
  local functions = setmetatable({}, {__mode = 'k'})
  return function(variables, ...)
    local known = functions[variables]
    if not known then
      known = loaded(code, variables)
      functions[variables] = known
    end
    return known(...)
  end
end

-- A table whose methods are the functions among the variables.
local function methods(variables)
  return setmetatable({}, {
    __index = function(_, name)
      local found = variables[name]
      if type(found) == 'function' then
        return function(_, ...) return found(...) end
      end
    end,
  })
end

return environment, bind, methods
