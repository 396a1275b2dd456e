# Lua's licence asks for its notice in all copies; it is at the end of lua.h.
function(lua_notice header file)
  file(READ "${header}" text)
  string(REGEX MATCH "\\* Copyright \\(C\\).*SOFTWARE\\.\n" notice "${text}")
  if(NOT notice)
    message(FATAL_ERROR "no copyright notice in ${header}")
  endif()
  string(REGEX REPLACE "(^|\n)\\* ?" "\\1" notice "${notice}")
  file(WRITE "${file}"
    "This library contains Lua ${MOONPOOL_LUA_VERSION} (https://www.lua.org):\n\n${notice}")
endfunction()
