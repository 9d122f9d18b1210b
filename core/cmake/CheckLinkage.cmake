# Shows what the binary needs at run time, and refuses anything but libc where all parts were to be had static.
execute_process(COMMAND ldd ${BINARY} OUTPUT_VARIABLE needs ERROR_QUIET)
message("ldd ${BINARY}:\n${needs}")
string(REGEX REPLACE "[^\n]*(linux-vdso|libc\\.so|ld-linux)[^\n]*\n" "" others "${needs}")
string(STRIP "${others}" others)
if(STRICT AND NOT others STREQUAL "")
  message(FATAL_ERROR "the binary needs more than libc: ${others}")
endif()
