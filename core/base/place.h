// Where the process keeps what it must not forget, and the directories around it. Thread: any.
#pragma once
#include <string>

#include "base/error.h"

namespace spillway {

// The folder of what is kept when nobody says where: $STATE_DIRECTORY (systemd makes that directory), else
// $XDG_STATE_HOME/spillway, else ~/.local/state/spillway. Empty: there is no home either.
std::string default_state_folder();
// spillway.db in it, or empty.
std::string default_store_path();
// Creates what is missing of the file's directory, mode 0700.
Status make_directories(const std::string& file);

}  // namespace spillway
