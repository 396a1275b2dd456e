# How everything here is compiled: C11, Release by default, hidden unless exported, a sanitizer
# if asked for. Warnings are errors, but in our own sources only.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(MOONPOOL_SANITIZE)
  if(NOT MOONPOOL_SANITIZE MATCHES "^(address|undefined)$")
    message(FATAL_ERROR "not a sanitizer: MOONPOOL_SANITIZE=${MOONPOOL_SANITIZE}")
  endif()
  add_compile_options(-fsanitize=${MOONPOOL_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${MOONPOOL_SANITIZE})
endif()

function(moonpool_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /WX)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Werror)
  endif()
endfunction()

# Lets the compiler see the targets as one program, so that mp_* can inline what they call of Lua.
# Exported functions could otherwise be replaced by another library's at load time, and would
# not be inlined for fear of that.
function(moonpool_whole_program)
  include(CheckCCompilerFlag)
  check_c_compiler_flag(-fno-semantic-interposition MOONPOOL_HAS_NO_INTERPOSITION)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT ipo LANGUAGES C)
  foreach(target IN LISTS ARGN)
    if(MOONPOOL_HAS_NO_INTERPOSITION)
      target_compile_options(${target} PRIVATE -fno-semantic-interposition)
    endif()
    if(ipo AND NOT MOONPOOL_SANITIZE)
      set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
  endforeach()
endfunction()

# Options for code that is to inline larger functions than usual; none where the compiler has others.
function(moonpool_inline_more result)
  include(CheckCCompilerFlag)
  set(options --param=max-inline-insns-auto=100 --param=inline-unit-growth=100)
  set(CMAKE_REQUIRED_FLAGS -Werror)
  check_c_compiler_flag("${options}" MOONPOOL_HAS_INLINE_LIMITS)
  if(NOT MOONPOOL_HAS_INLINE_LIMITS)
    set(options "")
  endif()
  set(${result} ${options} PARENT_SCOPE)
endfunction()
