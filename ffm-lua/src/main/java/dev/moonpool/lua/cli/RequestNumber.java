package dev.moonpool.lua.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The number of a request for memory, from 1 on. */
final class RequestNumber implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        try {
            long number = Long.parseLong(text);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // It is none, as 0 is.
        }
        throw new TypeConversionException(
                "'" + text + "' is no request; they are counted from 1 on");
    }
}
