/* What stands where SQLite would call libm: its SQL functions acos() to trunc(), which no statement of ours uses.
 * The build renames SQLite's references to these (core/cmake/Dependencies.cmake). */
#define TRAP(name)            \
  double spw_sqlite_##name(); \
  double spw_sqlite_##name() { __builtin_trap(); }

/* clang-format off */
TRAP(acos) TRAP(acosh) TRAP(asin) TRAP(asinh) TRAP(atan) TRAP(atan2) TRAP(atanh) TRAP(ceil) TRAP(cos) TRAP(cosh)
TRAP(exp) TRAP(floor) TRAP(fmod) TRAP(log) TRAP(log10) TRAP(log2) TRAP(pow) TRAP(sin) TRAP(sinh) TRAP(sqrt) TRAP(tan)
TRAP(tanh) TRAP(trunc)
