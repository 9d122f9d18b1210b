// `serve --supervise`: a process that starts the serving one and, when that dies of a signal, starts it anew. For where
// no systemd or container runtime does so (reliability.md P1: a plugin's crash takes the process along).
//
// Thread: the only one there is; call it before any other is started, and before keys are read.
#pragma once

namespace spillway {

inline constexpr int kRestartFirstMs = 100, kRestartMostMs = 5000;
inline constexpr int kSteadyMs = 10'000;  // who lived so long starts again at once: what went before is forgotten

// How long to wait before the next start, after `deaths` in a row that each came within kSteadyMs.
int restart_wait_ms(int deaths);

// Returns in the child, which then serves. The parent passes SIGTERM, SIGINT, SIGHUP and SIGUSR1 on, and exits as the
// child did when that ended by itself. A child whose parent is gone gets SIGTERM.
void supervise();

}  // namespace spillway
