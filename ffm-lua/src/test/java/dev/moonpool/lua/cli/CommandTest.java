package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command takes what the lua command takes, and answers as that does. */
class CommandTest {
    /** Shows the arguments, and arg from the smallest index to the largest. */
    private static final String SHOW_ARGUMENTS =
            """
            print(...)
            local from = 0
            while arg[from - 1] do from = from - 1 end
            for i = from, #arg do io.write(i, '=', arg[i], ' ') end
            """;

    @TempDir private Path folder;
    private Command moonpool;

    @BeforeEach
    void inAFolderOfItsOwn() {
        moonpool = Command.in(folder);
    }

    private String file(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
        return name;
    }

    @Test
    void statementsRunInTheirOrderAttachedOrNot() {
        moonpool.run("-e", "x = 1", "-ex = x + 1", "-e", "print(x, ...)", "-eprint(_VERSION)")
                .assertPrints("2\nLua 5.4\n");
    }

    @Test
    void modulesAreRequiredIntoGlobals() throws IOException {
        file("mod.lua", "return {name = ...}");
        moonpool.run(
                        "-l",
                        "mod",
                        "-lg=mod",
                        "-l",
                        "h=mod",
                        "-e",
                        "print(mod.name, g == mod, h == mod)")
                .assertPrints("mod\ttrue\ttrue\n");
    }

    @Test
    void aModuleThatIsNotThereIsAnError() {
        Outcome outcome = moonpool.run("-l", "nomod", "-e", "print('not reached')");
        assertEquals(1, outcome.code());
        assertEquals("", outcome.out());
        assertTrue(outcome.err().contains("module 'nomod' not found:"), outcome.err());
        assertTrue(outcome.err().contains("\nstack traceback:\n"), outcome.err());
    }

    @Test
    void theVersionIsLuas() {
        Outcome outcome = moonpool.run("-v");
        assertEquals(0, outcome.code());
        assertTrue(
                outcome.out().matches("Lua 5\\.4\\.\\d+  Copyright .* PUC-Rio\n"), outcome.out());
        String version = outcome.out();
        moonpool.run("-v", "-e", "print(1)").assertPrints(version + "1\n");
    }

    @Test
    void aScriptSeesItsArgumentsAndAllOthersInArg() throws IOException {
        String script = file("args.lua", SHOW_ARGUMENTS);
        moonpool.run("-E", "-e", "x = 1", script, "a", "", "-e", "b c", "é😀", "@args.lua")
                .assertPrints(
                        "a\t\t-e\tb c\té😀\t@args.lua\n"
                                + "-4=moonpool -3=-E -2=-e -1=x = 1 0=args.lua"
                                + " 1=a 2= 3=-e 4=b c 5=é😀 6=@args.lua ");
    }

    @Test
    void optionsEndAtTwoHyphens() throws IOException {
        file("-e", SHOW_ARGUMENTS);
        moonpool.run("--", "-e", "-v").assertPrints("-v\n-2=moonpool -1=-- 0=-e 1=-v ");
    }

    @Test
    void behindTwoHyphensAHyphenIsAFile() {
        moonpool.reading("print('from stdin')")
                .run("--", "-")
                .assertFailsWithALine("cannot open -: No such file or directory");
    }

    @Test
    void aHyphenIsStandardInputWithArguments() {
        moonpool.reading("#!/usr/bin/env lua\n" + SHOW_ARGUMENTS)
                .run("-", "a", "-v")
                .assertPrints("a\t-v\n-1=moonpool 0=- 1=a 2=-v ");
    }

    @Test
    void withNothingElseToDoStandardInputIsTheScript() {
        moonpool.reading(SHOW_ARGUMENTS).run("-E").assertPrints("\n0=moonpool 1=-E ");
    }

    @Test
    void aStatementAndTheScriptShareStandardInput() {
        moonpool.reading("a line\nprint('the rest')")
                .run("-e", "print(io.read())", "-")
                .assertPrints("a line\nthe rest\n");
    }

    @Test
    void aPrecompiledScriptRuns() throws IOException {
        moonpool.run(
                        "-e",
                        """
                        local out = io.open('script.luac', 'wb')
                        out:write('#!/usr/bin/env lua\\n', string.dump(function(...) print(...) end))
                        out:close()
                        """)
                .assertPrints("");
        moonpool.run("script.luac", "a").assertPrints("a\n");
    }

    @Test
    void initCodeRunsFirst() throws IOException {
        String script = file("init.lua", "print('from a file')");
        moonpool.where(Map.of("LUA_INIT", "print('init')", "LUA_PATH", "here/?.lua"))
                .run("-e", "print(package.path)")
                .assertPrints("init\nhere/?.lua\n");
        moonpool.where(Map.of("LUA_INIT", "print('init')", "LUA_INIT_5_4", "@" + script))
                .run("-e", "print(1)")
                .assertPrints("from a file\n1\n");
    }

    @Test
    void theEnvironmentCanBeIgnored() {
        Outcome outcome =
                moonpool.where(Map.of("LUA_INIT", "print('init')", "LUA_PATH", "here/?.lua"))
                        .run("-E", "-e", "print(package.path)");
        assertEquals(0, outcome.code());
        assertTrue(outcome.out().startsWith("/usr/local/share/lua/5.4/?.lua;"), outcome.out());
    }

    @Test
    void anErrorInInitCodeEndsIt() {
        moonpool.where(Map.of("LUA_INIT", "x ="))
                .run("-e", "print('not reached')")
                .assertFailsWithALine("LUA_INIT:1: unexpected symbol near <eof>");
        moonpool.where(Map.of("LUA_INIT", "@nofile.lua"))
                .run("-e", "print('not reached')")
                .assertFailsWithALine("cannot open nofile.lua: No such file or directory");
    }

    @Test
    void warningsAreOffUnlessTurnedOn() {
        moonpool.run("-e", "warn('lost')", "-W", "-e", "warn('sh', 'own')")
                .assertIs(0, "", "Lua warning: shown\n");
    }

    @ParameterizedTest
    @CsvSource({"3, 3", "true, 0", "false, 1"})
    void exitEndsItWithTheCode(String status, int code) {
        moonpool.run("-e", "io.write('written')", "-e", "os.exit(" + status + ")", "-e", "error()")
                .assertIs(code, "written", "");
    }

    @Test
    void exitClosesTheStateIfAsked() {
        moonpool.run(
                        "-e",
                        """
                        setmetatable({}, {__gc = function() print('collected') end})
                        local x <close> = setmetatable({}, {__close = function() print('closed') end})
                        os.exit(0, true)
                        """)
                .assertPrints("closed\ncollected\n");
    }

    @Test
    void exitWithoutClosingRunsNoFinalizers() {
        moonpool.run(
                        "-e",
                        "setmetatable({}, {__gc = function() print('collected') end}) os.exit(0)")
                .assertPrints("");
    }

    @Test
    void finalizersRunAtTheEnd() {
        moonpool.run("-e", "setmetatable({}, {__gc = function() print('collected') end})")
                .assertPrints("collected\n");
    }

    @Test
    void anErrorIsShownWithItsTraceback() throws IOException {
        String script = file("fails.lua", "local function f() error('reason é') end\nf()\n");
        moonpool.run(script)
                .assertIs(
                        1,
                        "",
                        """
                        moonpool: fails.lua:1: reason é
                        stack traceback:
                        \t[C]: in function 'error'
                        \tfails.lua:1: in local 'f'
                        \tfails.lua:2: in main chunk
                        \t[C]: in ?
                        """);
    }

    @Test
    void anErrorEndsItBeforeTheNextStatement() {
        Outcome outcome = moonpool.run("-e", "print(1)", "-e", "error({})", "-e", "print(2)");
        assertEquals(1, outcome.code());
        assertEquals("1\n", outcome.out());
        assertEquals("moonpool: (error object is a table value)", outcome.errorLines().getFirst());
    }

    @Test
    void aScriptThatCannotBeReadIsALine() {
        moonpool.run("nofile.lua")
                .assertFailsWithALine("cannot open nofile.lua: No such file or directory");
        moonpool.run(".").assertFailsWithALine("cannot read .: Is a directory");
    }

    @Test
    void aScriptWithASyntaxErrorIsALine() throws IOException {
        moonpool.run(file("syntax.lua", "x = = 1"))
                .assertFailsWithALine("syntax.lua:1: unexpected symbol near '='");
    }

    @ParameterizedTest
    @CsvSource({
        "--nonsense, Unknown option: '--nonsense'",
        "-e, Missing required parameter for option '-e' (STAT)",
        "--allocator=nonsense, 'Invalid value for option ''--allocator'': expected one of'",
        "--stats=xml, 'Invalid value for option ''--stats'': expected one of'",
    })
    void anOptionThatIsWrongIsALine(String option, String message) {
        moonpool.run(option).assertFailsWithALine(message);
    }

    @Test
    void helpShowsTheOptions() {
        Outcome outcome = moonpool.run("--help");
        assertEquals(0, outcome.code());
        for (String option :
                new String[] {"-e", "-l", "-i", "-v", "-E", "-W", "--pool", "--record"}) {
            assertTrue(outcome.out().contains(option), outcome.out());
        }
    }
}
