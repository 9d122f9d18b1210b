# The libraries core stands on, as imported targets spw::uv spw::llhttp spw::simdjson spw::mbedtls spw::tomlplusplus
# spw::sqlite spw::zlib spw::zstd spw::cli11. Static first; no distribution's CMake config is used, because on Debian 12
# there are none and on 13 they force shared libraries. SPW_ALL_STATIC tells whether libc will be the only dynamic one.
include_guard()
find_package(Threads REQUIRED)
set(SPW_ALL_STATIC TRUE)

# spw_library(NAME header... LIBRARIES names...): each library by the first of its file names that exists.
function(spw_library name)
  cmake_parse_arguments(ARG "" "HEADER;ROOT" "LIBRARIES;LINK;DEFINITIONS" ${ARGN})
  find_path(SPW_${name}_INCLUDE ${ARG_HEADER} HINTS ${ARG_ROOT} PATH_SUFFIXES include REQUIRED)
  add_library(spw::${name} INTERFACE IMPORTED)
  target_include_directories(spw::${name} INTERFACE "${SPW_${name}_INCLUDE}")
  foreach(entry IN LISTS ARG_LIBRARIES)
    string(REPLACE "|" ";" names "${entry}")
    list(GET names 0 first)
    string(MAKE_C_IDENTIFIER "${first}" id)
    find_library(SPW_${name}_${id} NAMES ${names} HINTS ${ARG_ROOT} PATH_SUFFIXES lib library REQUIRED)
    target_link_libraries(spw::${name} INTERFACE "${SPW_${name}_${id}}")
    if(NOT SPW_${name}_${id} MATCHES "\\.a$")
      message(STATUS "${name}: no static library, using ${SPW_${name}_${id}}")
      set(SPW_ALL_STATIC FALSE PARENT_SCOPE)
    endif()
  endforeach()
  target_link_libraries(spw::${name} INTERFACE ${ARG_LINK})
  target_compile_definitions(spw::${name} INTERFACE ${ARG_DEFINITIONS})
endfunction()

spw_library(uv HEADER uv.h LIBRARIES "libuv_a.a|libuv.a|uv" LINK Threads::Threads ${CMAKE_DL_LIBS})
spw_library(sqlite HEADER sqlite3.h LIBRARIES "libsqlite3.a|sqlite3" LINK Threads::Threads ${CMAKE_DL_LIBS})
# SQLite's SQL functions acos() to trunc() are all it wants of libm, and nobody here calls them. Its references to them
# are renamed to traps (core/state/sqlite_math.c), so that libc stays the only dynamic library; were our own code to use
# libm, the linkage check would say so.
if(SPW_sqlite_libsqlite3_a MATCHES "\\.a$")
  set(functions acos acosh asin asinh atan atan2 atanh ceil cos cosh exp floor fmod log log10 log2 pow sin sinh sqrt tan tanh trunc)
  list(TRANSFORM functions REPLACE "(.+)" "--redefine-sym;\\1=spw_sqlite_\\1" OUTPUT_VARIABLE renames)
  set(SPW_SQLITE_ARCHIVE ${CMAKE_BINARY_DIR}/libsqlite3_without_math.a)
  execute_process(COMMAND ${CMAKE_OBJCOPY} ${renames} ${SPW_sqlite_libsqlite3_a} ${SPW_SQLITE_ARCHIVE} COMMAND_ERROR_IS_FATAL ANY)
  add_library(spw_sqlite_math STATIC ${CMAKE_SOURCE_DIR}/core/state/sqlite_math.c)
  set_property(TARGET spw::sqlite PROPERTY INTERFACE_LINK_LIBRARIES
    ${SPW_SQLITE_ARCHIVE} spw_sqlite_math Threads::Threads ${CMAKE_DL_LIBS})
endif()
spw_library(zlib HEADER zlib.h LIBRARIES "libz.a|z")
spw_library(zstd HEADER zstd.h LIBRARIES "libzstd.a|zstd")
spw_library(cli11 HEADER CLI/CLI.hpp)
spw_library(tomlplusplus HEADER toml++/toml.h
            DEFINITIONS TOML_HEADER_ONLY=0 TOML_EXCEPTIONS=0 TOML_ENABLE_FORMATTERS=0 TOML_FLOAT_CHARCONV=0)

set(MBEDTLS_ROOT "" CACHE PATH "where an mbedTLS 3.6 was installed to; empty: the system's")
spw_library(mbedtls HEADER mbedtls/ssl.h ROOT "${MBEDTLS_ROOT}"
            LIBRARIES "libmbedtls.a|mbedtls" "libmbedx509.a|mbedx509" "libmbedcrypto.a|mbedcrypto")

# simdjson: a release's single-header sources, else the system's library (static on Debian 13, shared on 12).
set(SIMDJSON_SOURCE_DIR "" CACHE PATH "directory with simdjson.h and simdjson.cpp")
if(SIMDJSON_SOURCE_DIR)
  add_library(spw_simdjson STATIC "${SIMDJSON_SOURCE_DIR}/simdjson.cpp")
  target_include_directories(spw_simdjson SYSTEM PUBLIC "${SIMDJSON_SOURCE_DIR}")
  target_compile_options(spw_simdjson PRIVATE -O3 -w)
  add_library(spw::simdjson ALIAS spw_simdjson)
else()
  spw_library(simdjson HEADER simdjson.h LIBRARIES "libsimdjson_static.a|simdjson")
endif()

# llhttp: a library on Debian 13, C sources on 12. 8.x must be compiled strict, or it can be smuggled through
# (CVE-2023-30589); 9.x knows no such switch and needs none.
find_path(SPW_llhttp_INCLUDE llhttp.h PATHS /usr/share/include/llhttp REQUIRED)
find_library(SPW_llhttp_LIBRARY NAMES libllhttp.a)
if(SPW_llhttp_LIBRARY)
  add_library(spw::llhttp INTERFACE IMPORTED)
  target_link_libraries(spw::llhttp INTERFACE "${SPW_llhttp_LIBRARY}")
  target_include_directories(spw::llhttp INTERFACE "${SPW_llhttp_INCLUDE}")
else()
  find_path(SPW_llhttp_SOURCE llhttp.c PATHS /usr/share/llhttp REQUIRED)
  add_library(spw_llhttp STATIC "${SPW_llhttp_SOURCE}/llhttp.c" "${SPW_llhttp_SOURCE}/api.c" "${SPW_llhttp_SOURCE}/http.c")
  target_include_directories(spw_llhttp SYSTEM PUBLIC "${SPW_llhttp_INCLUDE}")
  target_compile_options(spw_llhttp PRIVATE -O2 -w)
  target_compile_definitions(spw_llhttp PUBLIC LLHTTP_STRICT_MODE=1)
  add_library(spw::llhttp ALIAS spw_llhttp)
endif()
