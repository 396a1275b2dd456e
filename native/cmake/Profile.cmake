# Compiling with a profile: everything is built twice. What a training run counts in the first
# build, which is instrumented, tells the compiler in the second what is frequent, and so what to
# inline, to keep in registers and to lay out together.
#
# For GCC; other compilers build once, and so do builds that are to find errors.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)

set(profile_folder "${PROJECT_BINARY_DIR}/profile")
set(profile_stamp "${PROJECT_BINARY_DIR}/profile.h")

function(moonpool_can_profile result)
  set(${result} OFF PARENT_SCOPE)
  if(MOONPOOL_PROFILE AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE MATCHES "^Rel"
      AND NOT CMAKE_CROSSCOMPILING AND NOT MOONPOOL_SANITIZE AND NOT MOONPOOL_CHECKED)
    set(CMAKE_REQUIRED_FLAGS "-fprofile-generate -fprofile-partial-training -dumpdir x/")
    check_c_source_compiles("int main(void) { return 0; }" MOONPOOL_HAS_PROFILES)
    set(${result} "${MOONPOOL_HAS_PROFILES}" PARENT_SCOPE)
  endif()
endfunction()

# What GCC makes of a profile by itself, and should not. What the training run did, but seldom, it
# compiles for size: that run is there to show the ways, not how often programs take them. And copies
# become string instructions, which take longer to start than a call where few bytes are copied.
function(moonpool_profile_options result)
  set(options --param=hot-bb-count-ws-permille=1000)
  check_c_compiler_flag(-mmemcpy-strategy=libcall:-1:noalign MOONPOOL_HAS_COPY_STRATEGIES)
  if(MOONPOOL_HAS_COPY_STRATEGIES)
    list(APPEND options -mmemcpy-strategy=libcall:-1:noalign -mmemset-strategy=libcall:-1:noalign)
  endif()
  set(${result} ${options} PARENT_SCOPE)
endfunction()

# Compiles each target with what target-training, of the same sources, counts when COMMAND is run.
function(moonpool_use_profile)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "TARGETS;COMMAND;DEPENDS")
  add_custom_command(OUTPUT "${profile_stamp}"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${profile_folder}" # a run adds to what is there
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${profile_folder}"
    COMMAND ${arg_COMMAND}
    COMMAND "${CMAKE_COMMAND}" -E touch "${profile_stamp}"
    DEPENDS ${arg_DEPENDS} COMMENT "Training run" VERBATIM)
  add_custom_target(profile DEPENDS "${profile_stamp}")
  moonpool_profile_options(options)
  foreach(target IN LISTS arg_TARGETS)
    # Where the counts are, which is also a part of the names that they are kept under.
    set(folder -dumpdir "${profile_folder}/")
    target_compile_options(${target}-training PRIVATE -fprofile-generate ${folder})
    target_link_options(${target}-training PRIVATE -fprofile-generate)
    # What never ran has no counts, and is optimised as usual. The header is there for its date:
    # objects are made anew when the profile is.
    target_compile_options(${target} PRIVATE -fprofile-use -fprofile-partial-training
      -Wno-missing-profile ${folder} -include "${profile_stamp}" ${options})
    target_link_options(${target} PRIVATE ${options}) # which is when the whole program is compiled
    add_dependencies(${target} profile)
  endforeach()
endfunction()
