# Lua's sources: found or fetched at configure time, and never patched.
#
# Nothing is trusted but the hash below, whatever the file came from. In this order:
#   1. -DMOONPOOL_LUA_ARCHIVE=path, or the environment variable of that name
#   2. the cache: $MOONPOOL_CACHE, or moonpool in the user's cache directory
#   3. Lua's site
#   4. Debian's archive, which keeps the same files, on the mirror that apt uses here
include(DebianMirrors)
include(VerifiedFile)

set(MOONPOOL_LUA_VERSION 5.4.9 CACHE STRING "Release of Lua that is built in")
set(MOONPOOL_LUA_ARCHIVE "" CACHE FILEPATH "Lua's release archive, if it is at hand already")

set(lua_pinned 5.4.9 5.4.7 5.4.4)
set(lua_sha256_5.4.9 2335b6c582a52654f94612bf10d2f4672805d05329aa6568b1d8cd9e5c6fb8e6)
set(lua_sha256_5.4.7 9fbf5e28ef86c69858f6d3d34eccc32e911c1a28b4120ff3e84aaa70cfbf1e30)
set(lua_sha256_5.4.4 164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61)
set_property(CACHE MOONPOOL_LUA_VERSION PROPERTY STRINGS ${lua_pinned})

function(lua_given_archive path sha256 out)
  if(NOT EXISTS "${path}")
    message(FATAL_ERROR "no such file: MOONPOOL_LUA_ARCHIVE=${path}")
  endif()
  file(SHA256 "${path}" actual)
  if(NOT actual STREQUAL sha256)
    message(FATAL_ERROR "not Lua ${MOONPOOL_LUA_VERSION}: MOONPOOL_LUA_ARCHIVE=${path}\n"
      "  SHA-256 of the file  ${actual}\n  expected             ${sha256}")
  endif()
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

function(lua_fetched_archive sha256 out)
  set(name "lua-${MOONPOOL_LUA_VERSION}.tar.gz")
  set(archive "${PROJECT_BINARY_DIR}/lua/${name}")
  set(${out} "${archive}" PARENT_SCOPE)
  if(EXISTS "${archive}")
    file(SHA256 "${archive}" actual)
    if(actual STREQUAL sha256)
      return()
    endif()
  endif()

  cache_directory(cache)
  cache_take("${cache}/${name}" "${archive}" "${sha256}" reason)
  if(NOT reason)
    return()
  endif()
  set(tried "  ${cache}/${name}: ${reason}\n")

  debian_mirrors(mirrors)
  set(urls "https://www.lua.org/ftp/${name}")
  foreach(mirror IN LISTS mirrors)
    list(APPEND urls "${mirror}/pool/main/l/lua5.4/lua5.4_${MOONPOOL_LUA_VERSION}.orig.tar.gz")
  endforeach()
  foreach(url IN LISTS urls)
    message(STATUS "Fetching ${url}")
    download_verified("${url}" "${archive}" "${sha256}" reason)
    if(NOT reason)
      cache_put("${archive}" "${cache}/${name}")
      return()
    endif()
    message(STATUS "  ${reason}")
    string(APPEND tried "  ${url}: ${reason}\n")
  endforeach()

  message(FATAL_ERROR "Lua ${MOONPOOL_LUA_VERSION} could not be fetched. Tried:\n${tried}"
    "To supply it by hand, get\n"
    "  ${name}\n"
    "  SHA-256 ${sha256}\n"
    "and put it into ${cache} or name its path with -DMOONPOOL_LUA_ARCHIVE=...")
endfunction()

# Sets `out` to the directory of Lua's C files.
function(lua_source out)
  set(sha256 "${lua_sha256_${MOONPOOL_LUA_VERSION}}")
  if(NOT sha256)
    list(JOIN lua_pinned ", " known)
    message(FATAL_ERROR "no pinned release of Lua: MOONPOOL_LUA_VERSION=${MOONPOOL_LUA_VERSION}"
      " (known: ${known})")
  endif()

  if(MOONPOOL_LUA_ARCHIVE)
    lua_given_archive("${MOONPOOL_LUA_ARCHIVE}" ${sha256} archive)
  elseif(NOT "$ENV{MOONPOOL_LUA_ARCHIVE}" STREQUAL "")
    get_filename_component(given "$ENV{MOONPOOL_LUA_ARCHIVE}" ABSOLUTE BASE_DIR "$ENV{PWD}")
    lua_given_archive("${given}" ${sha256} archive)
  else()
    lua_fetched_archive(${sha256} archive)
  endif()

  # Extracted again at every configure: it keeps the files' times, so nothing is compiled anew.
  file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${PROJECT_BINARY_DIR}/lua")
  set(${out} "${PROJECT_BINARY_DIR}/lua/lua-${MOONPOOL_LUA_VERSION}/src" PARENT_SCOPE)
endfunction()
