# What makes a mistake in release builds harder to exploit, and the same bytes wherever the tree lies. core/cli/main.cc
# refuses to compile and CheckLinkage.cmake to link when one of these is lost.
#
# Not here: -fcf-protection. The static libraries of the distributions are not marked for it, so the linker drops the
# mark from the binary and nobody would enforce what the landing pads cost.
#
# -fPIE, where CMake would give static libraries -fPIC: code for a shared object may not be inlined in its own file, as
# another object could replace it. That cost a tenth of a request's instructions.
set(spw_module $<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>)
add_compile_options($<$<NOT:${spw_module}>:-fPIE>)
add_link_options($<$<NOT:${spw_module}>:-pie>)
add_compile_options(-fstack-protector-strong)
if(NOT SPW_SANITIZE)
  add_compile_options(-fstack-clash-protection)
  # Level 3 checks also sizes known at run time only. Without optimisation there is nothing it could know.
  add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
# Reports name files as the tree does, and no path of the machine gets into the binary.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
