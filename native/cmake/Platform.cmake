# MOONPOOL_PLATFORM: <os>-<arch> of the target, the name of the library's folder in the jar.
#   os     linux, macos, windows
#   arch   x86_64, aarch64; any other as CMake names it, in lower case

set(moonpool_os_Linux linux)
set(moonpool_os_Darwin macos)
set(moonpool_os_Windows windows)
set(moonpool_arch_amd64 x86_64)
set(moonpool_arch_arm64 aarch64)

function(moonpool_platform out)
  set(os "${moonpool_os_${CMAKE_SYSTEM_NAME}}")
  if(NOT os)
    string(TOLOWER "${CMAKE_SYSTEM_NAME}" os)
  endif()

  if(CMAKE_OSX_ARCHITECTURES)
    set(processor "${CMAKE_OSX_ARCHITECTURES}")
  else()
    set(processor "${CMAKE_SYSTEM_PROCESSOR}")
  endif()
  string(TOLOWER "${processor}" processor)
  set(arch "${moonpool_arch_${processor}}")
  if(NOT arch)
    set(arch "${processor}")
  endif()

  set(${out} "${os}-${arch}" PARENT_SCOPE)
endfunction()

moonpool_platform(MOONPOOL_PLATFORM)
