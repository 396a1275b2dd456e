package dev.moonpool.lua;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds modules among a class loader's resources. */
final class ClassPathSearcher implements LuaSearcher {
    private final ClassLoader loader;
    private final String prefix;

    ClassPathSearcher(ClassLoader loader, String folder) {
        this.loader = Objects.requireNonNull(loader, "loader");
        Objects.requireNonNull(folder, "folder");
        if (folder.startsWith("/") || folder.endsWith("/")) {
            throw new IllegalArgumentException(
                    "folder begins or ends with a slash: folder=" + folder);
        }
        prefix = folder.isEmpty() ? "" : folder + "/";
    }

    @Override
    public @Nullable LuaChunk find(String moduleName) throws IOException {
        for (String path : paths(moduleName)) {
            try (InputStream resource = loader.getResourceAsStream(path)) {
                if (resource != null) {
                    return LuaChunk.of(resource.readAllBytes(), path);
                }
            }
        }
        return null;
    }

    @Override
    public List<String> candidates(String moduleName) {
        List<String> paths = paths(moduleName);
        return paths.isEmpty()
                ? List.of("resource, since this is no module's name")
                : paths.stream().map(path -> "resource '" + path + "'").toList();
    }

    private List<String> paths(String moduleName) {
        if (!isModuleName(moduleName)) {
            return List.of();
        }
        String path = prefix + moduleName.replace('.', '/');
        return List.of(path + ".lua", path + "/init.lua");
    }

    private static boolean isModuleName(String name) {
        for (String part : name.split("\\.", -1)) {
            if (part.isEmpty() || !part.chars().allMatch(ClassPathSearcher::isInName)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isInName(int character) {
        return character != '/'
                && character != '\\'
                && character != ':'
                && !Character.isISOControl(character);
    }
}
