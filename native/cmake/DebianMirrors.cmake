# The addresses that this machine's apt is configured with, Debian's main archive first.

# What apt itself says. Empty without apt, and while its lists were never fetched.
function(debian_mirrors_of_apt out)
  execute_process(COMMAND apt-get indextargets --format "$(REPO_URI)"
    OUTPUT_VARIABLE lines RESULT_VARIABLE failed ERROR_QUIET)
  string(REGEX MATCHALL "[^\n]+" uris "${lines}")
  set(${out} "${uris}" PARENT_SCOPE)
endfunction()

# What its files say: "URIs: ..." in the newer format, "deb [options] URI suite" in the older.
function(debian_mirrors_of_files out)
  set(uris "")
  file(GLOB files /etc/apt/sources.list /etc/apt/sources.list.d/*.sources
    /etc/apt/sources.list.d/*.list)
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REGEX REPLACE "#[^\n]*" "" text "\n${text}")
    string(REGEX REPLACE "\n[ \t]+" " " text "${text}") # a field may go on in the next line
    string(REGEX MATCHALL "\n(URIs:|deb |deb\t)[^\n]*" lines "${text}")
    string(REGEX MATCHALL "[a-z]+://[^] \t\n]+" found "${lines}")
    list(APPEND uris ${found})
  endforeach()
  set(${out} "${uris}" PARENT_SCOPE)
endfunction()

function(debian_mirrors out)
  debian_mirrors_of_apt(uris)
  if(NOT uris)
    debian_mirrors_of_files(uris)
  endif()
  list(FILTER uris INCLUDE REGEX "^(https?|file)://")
  list(TRANSFORM uris REPLACE "/+$" "")
  list(REMOVE_DUPLICATES uris)
  set(archives ${uris})
  list(FILTER archives INCLUDE REGEX "/debian$")
  list(FILTER uris EXCLUDE REGEX "/debian$")
  set(${out} ${archives} ${uris} PARENT_SCOPE)
endfunction()
