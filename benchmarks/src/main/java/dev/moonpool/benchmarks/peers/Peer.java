package dev.moonpool.benchmarks.peers;

/** The libraries, in the order of the report's columns; and the ways in which they are called. */
public enum Peer {
    MOONPOOL("Moonpool"),
    LUAJAVA("luajava"),
    LUAJ("LuaJ"),
    LUAJAVA_CHECKED("luajava, checked"),
    LUAJ_INTERPRETED("LuaJ, interpreted");

    /** The first of the others is compared with it. */
    static final Peer BASELINE = LUAJAVA;

    private final String title;

    Peer(String title) {
        this.title = title;
    }

    /** {@return the name that tables show} */
    public String title() {
        return title;
    }

    /** {@return a new binding} */
    public Binding open() {
        return switch (this) {
            case MOONPOOL -> new Moonpool();
            case LUAJAVA -> new LuajavaNatives();
            case LUAJ -> new LuajCompiled();
            case LUAJAVA_CHECKED -> new LuajavaChecked();
            case LUAJ_INTERPRETED -> new Luaj();
        };
    }
}
