/*
 * The functions in the ABI report, as F(name, return type, parameter types...); a function
 * without parameters has `void`. The compiler compares each with its prototype.
 * No variadic ones: their calls depend on more than the signature.
 */
#define ABI_FUNCTIONS(F)                                                                       \
  F(mp_open, int, const mp_config *, lua_State **, mp_frame *, size_t)                         \
  F(mp_run, int, lua_State *, const char *, size_t, const char *, const char *,                \
    const mp_frame *, mp_frame *, size_t)                                                      \
  F(mp_pool_allocate, void *, void *, void *, size_t, size_t)                                  \
  F(mp_system_allocate, void *, void *, void *, size_t, size_t)                                \
  F(mp_load, int, lua_State *, const char *, size_t, const char *, const char *, int32_t,      \
    mp_frame *, size_t)                                                                        \
  F(mp_call, int, lua_State *, int32_t, mp_frame *, size_t)                                    \
  F(mp_dump, int, lua_State *, int32_t, int, mp_frame *, size_t)                               \
  F(mp_collect, int, lua_State *, mp_frame *, size_t)                                          \
  F(mp_hold, int, lua_State *, mp_frame *, size_t)                                             \
  F(mp_forget, void, lua_State *, int32_t *, int32_t)                                          \
  F(mp_tostring, int, lua_State *, int32_t, mp_frame *, size_t)                                \
  F(mp_new_table, int, lua_State *, int32_t, int32_t, mp_frame *, size_t)                      \
  F(mp_get, int, lua_State *, int32_t, int, mp_frame *, size_t)                                \
  F(mp_set, int, lua_State *, int32_t, int, mp_frame *, size_t)                                \
  F(mp_length, int, lua_State *, int32_t, int, mp_frame *, size_t)                             \
  F(mp_next, int, lua_State *, int32_t, int32_t, mp_frame *, size_t)                           \
  F(mp_get_metatable, int, lua_State *, int32_t, mp_frame *, size_t)                           \
  F(mp_set_metatable, int, lua_State *, int32_t, mp_frame *, size_t)                           \
  F(mp_new_class, int, lua_State *, mp_frame *, size_t)                                        \
  F(mp_buffer, void *, lua_State *, size_t)                                                    \
  F(mp_new_coroutine, int, lua_State *, int32_t, mp_frame *, size_t)                           \
  F(mp_resume, int, lua_State *, int32_t, mp_frame *, size_t)                                  \
  F(mp_coroutine_status, int, lua_State *, int32_t)                                            \
  F(mp_close_coroutine, int, lua_State *, int32_t, mp_frame *, size_t)                         \
  F(mp_fetch, void, lua_State *, int32_t, mp_frame *, size_t)                                  \
  F(mp_release, void, lua_State *)                                                             \
  F(mp_close, int, lua_State *)                                                                \
  F(mp_print, int, lua_State *, mp_frame *, size_t)                                            \
  F(mp_copyright, const char *, void)                                                          \
  F(mp_read_line, int64_t, char *, size_t)                                                     \
  F(mp_flush, void, void)                                                                      \
  F(mp_own_process, int, mp_exit_hook)                                                         \
  F(mp_elements, int, lua_State *, int32_t, int64_t, int32_t, mp_frame *, size_t)              \
  F(mp_fill, int, lua_State *, int32_t, mp_frame *, size_t)                                    \
  F(lua_newstate, lua_State *, lua_Alloc, void *)                                              \
  F(lua_close, void, lua_State *)                                                              \
  F(lua_version, lua_Number, lua_State *)
