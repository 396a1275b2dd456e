package dev.moonpool.lua.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line as Lua sees it in {@code arg}: the script at 0, its arguments from 1 on, all
 * that came before at negative indices, the command itself first.
 *
 * @param arguments the command's
 * @param operands those from the script on; empty if there is none
 */
record Script(List<String> arguments, List<String> operands) {
    private static final String STANDARD_INPUT = "-";

    /** {@return the script's path, or null if there is none} */
    @Nullable String path() {
        return operands.isEmpty() ? null : operands.getFirst();
    }

    /** {@return whether the script is standard input} Behind {@code --} it is a file's name. */
    boolean isStandardInput() {
        int script = arguments.size() - operands.size();
        boolean optionsEnded = script > 0 && arguments.get(script - 1).equals("--");
        return STANDARD_INPUT.equals(path()) && !optionsEnded;
    }

    /** {@return the first index of {@code arg}, and then its values} */
    Object[] argTable() {
        int before = 1 + arguments.size() - operands.size();
        Object[] table = new Object[2 + arguments.size()];
        table[0] = operands.isEmpty() ? 0 : -before;
        table[1] = System.getProperty("moonpool.command", Main.NAME);
        System.arraycopy(arguments.toArray(), 0, table, 2, arguments.size());
        return table;
    }
}
