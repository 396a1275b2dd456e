package dev.moonpool.lua.torture;

import java.util.random.RandomGenerator;

/**
 * What the states run. Each script gets a Java function, a value and a table or something else as
 * {@code ...}; none loops for long, and none uses what C Lua is not safe against: damaged binary
 * code, and {@code debug} writing where C functions keep their values.
 */
final class Scripts {
    /**
     * Begins a script that calls what it is given many times, or has it called: a script that does
     * so too would make that a tree, which no round sees the end of.
     */
    private static final String NO_SCRIPTS =
            """
            local f, v, t = ...
            local function ofC(x)
              return type(x) == 'function' and pcall(string.dump, x) and type or x
            end
            f, v, t = ofC(f), ofC(v), ofC(t)
            """;

    private static final String HOSTILE =
            NO_SCRIPTS
                    + """
            local function raise(name) return function(...) f(name, ...); error(v, 0) end end
            local meta = {}
            local names = {'index', 'newindex', 'call', 'gc', 'close', 'eq', 'lt', 'le', 'len',
                'concat', 'add', 'sub', 'mul', 'div', 'mod', 'pow', 'unm', 'idiv', 'band', 'bor',
                'bxor', 'shl', 'shr', 'bnot', 'tostring', 'pairs'}
            for i = 1, #names do meta['__' .. names[i]] = raise(names[i]) end
            local function new() return setmetatable({}, meta) end
            """;

    /** Only what comes back soon is called at every depth. */
    private static final String JAVA =
            "local f = ... if type(f) == 'function' and debug.getinfo(f, 'S').what ~= 'C' then f = type end ";

    /** A Java object in every place where Lua looks for a metamethod. */
    static final String OBJECTS =
            """
            local f, v, o = ...
            local seen = {}
            local function try(way) seen[#seen + 1] = select(2, pcall(way)) end
            try(function() return o.x, o.y, o.s, o.n end)
            try(function() o.n = 7 o.s = v o.x = v end)
            try(function() return o:act(v), o.act(v), o.divide(o, 0) end)
            try(function() return o:divide(v) end)
            try(function() return o(v), #o, tostring(o) end)
            try(function() return o + v, v .. o, o == v, o < v, v < o end)
            try(function() local c <close> = o f(o) end)
            try(function() return setmetatable({}, {__index = o, __gc = o, __close = o}).x end)
            try(function() return coroutine.wrap(o.act)(o, v) end)
            try(function() seen[o] = o return getmetatable(o) end)
            o = nil
            collectgarbage()
            return table.unpack(seen)
            """;

    private static final String[] SCRIPTS = {
        // Every metamethod raises, in the hands of Lua's libraries and of the host.
        HOSTILE + "return new(), new(), new",
        HOSTILE
                + """
                local a, b = new(), new()
                local ways = {
                  function() return a.x end, function() a.x = 1 end, function() return a(1) end,
                  function() return a == b end, function() return a < b end,
                  function() return a <= b end, function() return #a end,
                  function() return a .. b end, function() return a + 1, a - b end,
                  function() return a * 1, a / 2, a % 3, a ^ 4, -a, a // 5 end,
                  function() return a & 1, a | 2, a ~ 3, a << 4, a >> 5, ~a end,
                  function() return tostring(a) end, function() for k in pairs(a) do end end,
                  function() local x <close> = a end, function() error(a) end,
                  function() return table.concat({a, b}) end,
                  function() table.sort({a, b, new(), new()}) end,
                  function() return ('x'):rep(3, a) end, function() return ('%s'):format(a) end,
                  function() return table.unpack(a) end, function() return next(a) end,
                  function() return string.gsub('hello', 'l', a) end,
                }
                local seen = {}
                for i, way in ipairs(ways) do
                  seen[i] = select(2, pcall(way))
                  seen[-i] = select(2, xpcall(way, function(e) return f(e), a .. e end))
                end
                a, b = nil, nil
                collectgarbage()
                return table.unpack(seen)
                """,
        HOSTILE + "for i = 1, 20 do new() end collectgarbage('step') return new()",
        HOSTILE + "error(new())",
        HOSTILE + "local x <close>, y <close> = new(), new() return f(x, y)",
        HOSTILE + "return coroutine.wrap(function() local x <close> = new() f(x) error(x) end)()",
        // Metatables whose fields are of the wrong type, or change while they are used.
        NO_SCRIPTS
                + """
        local kinds = {1, 'x', true, {}, f, type, v}
        local function any(i) return kinds[i % #kinds + 1] end
        local all = {}
        for i = 1, 14 do
          local m = {__name = any(i), __mode = any(i + 1), __tostring = any(i + 2),
              __index = any(i + 3), __newindex = any(i + 4), __len = any(i + 5),
              __metatable = any(i + 6), __gc = any(i), __close = any(i), __pairs = any(i)}
          local x = setmetatable({}, m)
          all[i] = x
          m.__mode = any(i)
          pcall(tostring, x) pcall(next, x) pcall(function() return x.y, #x end)
          pcall(function() x.y = 1 end) pcall(error, x)
          pcall(function() local c <close> = x end)
        end
        return table.unpack(all)
        """,
        NO_SCRIPTS
                + """
        for _, x in ipairs {1, 'x', true, f, coroutine.create(f)} do
          pcall(debug.setmetatable, x, {__index = f, __call = f, __add = f, __concat = f,
              __len = f, __tostring = f, __close = f, __name = 'hostile', __eq = f, __lt = f})
          pcall(function() return x.y, #x, x + x, x .. x, x < x, x() end)
          pcall(tostring, x)
        end
        debug.setmetatable(nil, {__index = function() return v end})
        local r = nil
        pcall(function() r = r.anything end)
        for _, x in ipairs {1, 'x', true, f, coroutine.create(f)} do debug.setmetatable(x, nil) end
        debug.setmetatable(nil, nil)
        debug.setmetatable('', {__index = string})
        return r
        """,
        // Finalizers.
        """
        local f, v, t = ...
        for i = 1, 10 do
          setmetatable({}, {__gc = function(x) f(x, i, v) kept = x end})
          setmetatable({x = f}, {__gc = f})
        end
        collectgarbage()
        return kept, f(collectgarbage('count'))
        """,
        """
        local f, v = ...
        local function again(x) f(x) setmetatable(x, getmetatable(x)) end
        for i = 1, 3 do setmetatable({}, {__gc = again}) end
        setmetatable({}, {__gc = function() error(v) end})
        for i = 1, 50 do local s = ('x'):rep(i * 100) .. i end
        collectgarbage('step', 10)
        """,
        "local f = ... for _ = 1, 30 do setmetatable({}, {__gc = f}) end return f()",
        "collectgarbage('generational') local f, v = ... for i = 1, 9 do f({i}) end return {v}",
        "collectgarbage('incremental', 100, 400) collectgarbage('step') return ...",
        "collectgarbage('stop') local r = {...} collectgarbage('restart') return r",
        "local f = ... setmetatable({}, {__gc = function() collectgarbage() f() end}) collectgarbage()",
        // Coroutines.
        """
        local f, v, t = ...
        return coroutine.create(function(...)
          local x <close> = setmetatable({}, {__close = function(_, e) f('close', e) end})
          local n = select('#', coroutine.yield(v, ...))
          f(n)
          local r = table.pack(pcall(f, coroutine.yield(f)))
          coroutine.yield(table.unpack(r, 1, r.n))
          error(v)
        end)
        """,
        """
        local f, v = ...
        local function deep(n)
          if n == 0 then return f(coroutine.yield(v)) end
          return coroutine.wrap(function() return deep(n - 1) end)()
        end
        return coroutine.wrap(deep)(5)
        """,
        """
        local f, v = ...
        local co = coroutine.create(function()
          local a <close> = setmetatable({}, {__close = function() f() error(v) end})
          local b <close> = setmetatable({}, {__close = function() coroutine.yield(v) end})
          coroutine.yield(a)
        end)
        coroutine.resume(co)
        return co, pcall(coroutine.close, co)
        """,
        """
        local f, v = ...
        local r = {}
        local function try(g, ...) r[#r + 1] = select(2, pcall(g, ...)) end
        local y = coroutine.yield
        try(coroutine.wrap(function() return table.sort({3, 2, 1, 5}, y) end))
        try(coroutine.wrap(function() return ('abc'):gsub('%w', y) end))
        try(coroutine.wrap(function() return load(y) end))
        try(coroutine.wrap(function() for k in pairs(setmetatable({}, {__pairs = y})) do end end))
        try(coroutine.wrap(function() return setmetatable({}, {__index = y}).x end))
        try(coroutine.wrap(function() return setmetatable({}, {__lt = y}) < {} end))
        try(coroutine.wrap(function() return xpcall(y, f, v) end))
        try(coroutine.wrap(function() return f(y(v)) end))
        try(coroutine.wrap(f), v)
        try(coroutine.wrap(function() local x <close> = setmetatable({}, {__close = y}) end))
        return table.unpack(r)
        """,
        "return coroutine.running()",
        "return coroutine.create(...), coroutine.wrap(...)",
        "local f = ... local co co = coroutine.create(function() return f(co) end) return coroutine.resume(co)",
        """
        local f = ...
        local co = coroutine.wrap(function()
          f(coroutine.running())
          coroutine.wrap(function() collectgarbage() f() collectgarbage() end)()
          coroutine.yield()
          return f()
        end)
        co()
        collectgarbage()
        return co()
        """,
        // Deep.
        JAVA + "local function r() return 1 + r(f()) end return pcall(r)",
        JAVA
                + "local function r(n) f(n) return n > 0 and select(2, pcall(r, n - 1)) end return r(150)",
        "local function r() return pcall(r) end return r()",
        "local function r(...) return 1, r(1, ...) end return r()",
        JAVA + "local function r(e) return f(e), r(e) end return xpcall(error, r, 'x')",
        "local s = ('('):rep(150) .. '1' .. (')'):rep(150) return load('return ' .. s)()",
        JAVA + "return (('x'):rep(50):gsub('.', function(c) return f(c) and c end))",
        "local t = setmetatable({}, {}) for i = 1, 50 do t = setmetatable({}, {__index = t}) end return t.x",
        "local t = {} getmetatable(setmetatable(t, {})).__index = t return t.x",
        // Large.
        "return ('x'):rep(math.random(1, 3000000))",
        "local s = ('moon'):rep(1000) return s .. s, s:upper(), s:rep(300)",
        "return table.unpack({}, 1, math.random(1, 5000))",
        "return pcall(table.unpack, {}, 1, 1e6)",
        "local f = ... return f(table.unpack({}, 1, math.random(1, 20000)))",
        "local t = {} for i = 1, math.random(1, 1000) do t[i] = i t['k' .. i] = {i} end return t",
        "local t = {} for i = 1, 1000 do t[i] = 'x' .. i end return table.concat(t, ','), t",
        "local t = {} for i = 1, 300 do t[i] = ('x'):rep(100000 + i) end",
        "return pcall(string.rep, 'x', 1 << 40), pcall(string.rep, 'x', -1)",
        // Code.
        "local f, v = ... return load(string.dump(function(a) return a, v end))",
        "local f, v = ... return load(f, '=f', 't', {})",
        "local f, v = ... local function g() return v end return string.dump(g, true)",
        "local f, v = ... return load('return ...', v)",
        "return pcall(load, ...)",
        "return require 'made', require 'searched.for', require 'string'",
        "package.preload.m = ... local r = require 'm' package.loaded.m = nil return r",
        "_G._G = nil _ENV.printed = ... return _ENV",
        "local f = ... return setmetatable(_ENV, {__index = f, __newindex = f})",
        "return setmetatable(_ENV, nil)",
        // Looking around.
        """
        local f, v = ...
        local r = {}
        for level = 0, 30 do
          local i = debug.getinfo(level, 'nSlutfrL')
          if not i then break end
          if i.what == 'C' and not debug.getregistry then -- in guests there must be none
            pcall(i.func, v) pcall(i.func, io and io.stdout, f) pcall(i.func)
          end
          for n = 1, 20 do
            local name, x = debug.getlocal(level, n)
            if not name then break end
            r[#r + 1] = type(x)
          end
        end
        return debug.traceback(v), table.concat(r, ',')
        """,
        NO_SCRIPTS
                + """
        debug.sethook(function(e, l) f(e, l) end, 'crl', 7)
        local s = 0
        for i = 1, 20 do s = s + #tostring(i) end
        debug.sethook()
        return s
        """,
        NO_SCRIPTS + "debug.sethook(f, 'c') pcall(f, 1) pcall(tostring, 2) debug.sethook()",
        """
        local f, v = ...
        debug.sethook(function()
          debug.sethook()
          local i = debug.getinfo(2, 'f')
          if i and not debug.getregistry then pcall(i.func, v) pcall(i.func) end
          f(i)
        end, 'c')
        return f(v)
        """,
        """
        local f, v, t = ...
        local r = {}
        for _, x in pairs {f, t} do
          local m = debug.getmetatable(x)
          r[#r + 1] = m
          if type(x) == 'function' then
            local _, box = debug.getupvalue(x, 1)
            local gc = box and (debug.getmetatable(box) or {}).__gc
            if gc then pcall(gc, box) pcall(gc, v) pcall(gc) end
            r[#r + 1] = box
          end
        end
        pcall(f)
        return f, table.unpack(r)
        """,
        "local f, v = ... pcall(debug.setupvalue, f, 1, v) return pcall(f)",
        "return io.stdout, io.stderr",
        "os.exit(true, true)",
        // Plain.
        "return ...",
        "local f, v = ... return f(v)",
        "local f, v = ... return pcall(f, v)",
        "local f, v, t = ... for i = 1, 20 do f(i, v, t) end",
        "local f, v, t = ... if type(t) == 'table' then t[v ~= nil and v == v and v or 1] = f t.f = f end return t",
        "local f, v, t = ... if type(t) == 'table' then for k, x in pairs(t) do f(k, x) t[k] = nil end end",
        "local f, v, t = ... return type(t) == 'thread' and coroutine.resume(t, v, f)",
        "local f, v, t = ... return type(t) == 'thread' and coroutine.close(t)",
        "local f, v, t = ... return type(t) == 'function' and t(v, f)",
        "local f, v, t = ... return v == t, rawequal(v, t), tostring(v) .. tostring(t), {[t or 1] = v}",
        "local f, v = ... error(v)",
        "local f, v = ... error(setmetatable({}, {__tostring = f}))",
        "local f, v = ... saved = saved or {} saved[#saved + 1] = v if #saved > 50 then saved = nil end return saved",
        "return function(a, b, c) return a, b, c end, function(...) return select('#', ...) end",
        "return function(a, b) return (a or 0) + (b or 0) end, function(s) return s .. s end",
        "return 1, 2.5, 'text', '\\u{1F319}', '\\xff\\0', math.mininteger, 0/0, nil, true",
        "local f, v = ... return table.pack(pcall(string.format, '%d %s %q', v, v, v))",
        "local f = ... local t = {3, 1, 2, 5, 4, 9, 8, 7} table.sort(t, f) return t",
        "local f = ... return (('one two three'):gsub('%w+', f))",
    };

    private static final String[] TOKENS = {
        "local",
        "function",
        "end",
        "(",
        ")",
        "{",
        "}",
        "=",
        "==",
        "..",
        "...",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "^",
        "&",
        "|",
        "~",
        "<<",
        ">>",
        "<",
        ">",
        "<=",
        "~=",
        "not",
        "and",
        "or",
        "nil",
        "true",
        "false",
        "x",
        "y",
        "z",
        "f",
        "t",
        "x",
        "y",
        "0",
        "1",
        "2.5",
        "0x1p4",
        "1e309",
        "'s'",
        "\"\\u{1F319}\"",
        "'\\0'",
        "[[",
        "]]",
        "return",
        "if",
        "then",
        "else",
        "elseif",
        "for _ = 1, 3 do",
        "do",
        "end",
        "end",
        "pairs",
        "ipairs",
        "setmetatable",
        "getmetatable",
        "pcall",
        "error",
        "coroutine",
        ".",
        "wrap",
        "yield",
        "create",
        "string",
        "format",
        "byte",
        "table",
        "concat",
        "insert",
        "remove",
        "select",
        "tostring",
        "tonumber",
        "type",
        "rawset",
        "<close>",
        "<const>",
        ";",
        ",",
        "#",
        ":",
        "[",
        "]",
        "--",
        "--[[",
        "\n",
        "\t",
        "\\",
        "$",
        "@",
        "\u00e9",
        "'",
        "\"",
        "collectgarbage",
        "f(",
        "f()",
        "x = x",
        "(...)"
    };

    private Scripts() {}

    static String any(RandomGenerator random) {
        return random.nextInt(6) == 0 ? garbage(random) : SCRIPTS[random.nextInt(SCRIPTS.length)];
    }

    private static String garbage(RandomGenerator random) {
        StringBuilder source = new StringBuilder("local f, x, t = ... ");
        int count = random.nextInt(1, 40);
        for (int i = 0; i < count; i++) {
            if (random.nextInt(50) == 0) {
                source.append((char) random.nextInt(1, 0xD800));
            }
            source.append(TOKENS[random.nextInt(TOKENS.length)]).append(' ');
        }
        return source.toString();
    }
}
