package dev.moonpool.lua.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prompt answers as Lua's. */
class PromptTest {
    @TempDir private Path folder;

    /** What the prompt writes behind the line with the version. */
    private Outcome typed(String lines, String... arguments) {
        Outcome outcome = Command.in(folder).reading(lines).run(arguments);
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().startsWith("Lua 5.4."), outcome.out());
        int firstLine = outcome.out().indexOf('\n') + 1;
        return new Outcome(0, outcome.out().substring(firstLine), outcome.err());
    }

    @Test
    void expressionsArePrintedAndStatementsAreNot() {
        typed(
                        """
                        1 + 1
                        x = 5
                        x, 'é', nil
                        =x
                        local y = 6
                        y
                        return 7, 8
                        """,
                        "-i")
                .assertPrints("> 2\n> > 5\té\tnil\n> 5\n> > nil\n> 7\t8\n> \n");
    }

    @Test
    void aStatementGoesOnUntilItIsComplete() {
        typed(
                        """
                        for i = 1, 2 do
                        print(i)
                        end
                        x =
                        'value'
                        x
                        """,
                        "-i")
                .assertPrints("> >> >> 1\n2\n> >> > value\n> \n");
    }

    @Test
    void anErrorIsShownAndDoesNotEndIt() {
        Outcome outcome =
                typed(
                        """
                        error('reason')
                        )
                        error({})
                        print = nil
                        1
                        x = 'still here' io.write(x)
                        """,
                        "-i");
        assertEquals("> > > > > > still here> \n", outcome.out());
        assertEquals(
                List.of(
                        "stdin:1: reason",
                        "stdin:1: unexpected symbol near ')'",
                        "(error object is a table value)",
                        "error calling 'print' (attempt to call a nil value)"),
                outcome.errorLines().stream()
                        .filter(line -> !line.startsWith("\t") && !line.startsWith("stack"))
                        .toList());
    }

    @Test
    void theScriptReadsTheSameInput() {
        typed("io.read()\nfor the script\n'next'\n", "-i")
                .assertPrints("> for the script\n> next\n> \n");
    }

    @Test
    void theScriptCanChooseThePrompt() {
        typed(
                        """
                        _PROMPT, _PROMPT2 = 'a ', 'b '
                        do
                        end
                        _PROMPT = setmetatable({}, {__tostring = function() return 'c ' end})
                        _PROMPT = nil
                        """,
                        "-i")
                .assertPrints("> a b a c > \n");
    }

    @Test
    void comesAfterOptionsAndScript() throws IOException {
        Files.writeString(folder.resolve("script.lua"), "print('script', ..., x)");
        typed("x\n", "-e", "x = 7", "-i", "script.lua", "a")
                .assertPrints("script\ta\t7\n> 7\n> \n");
    }

    @Test
    void isWhatATerminalGets() {
        Outcome outcome =
                Command.in(folder).with("-Dmoonpool.terminal=true").reading("1 + 1\n").run();
        assertTrue(outcome.out().endsWith("PUC-Rio\n> 2\n> \n"), outcome.out());
    }

    @Test
    void aStatementThatNeverEndsIsAnErrorAtTheEndOfTheInput() {
        typed("for i = 1", "-i").assertIs(0, "> >> > \n", "stdin:1: ',' expected near <eof>\n");
    }
}
