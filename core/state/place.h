// Where the store's file is, and the directories around it. Thread: any.
#pragma once
#include <string>

#include "base/error.h"

namespace spillway {

// $STATE_DIRECTORY/spillway.db (systemd makes that directory), else $XDG_STATE_HOME/spillway/spillway.db, else
// ~/.local/state/spillway/spillway.db. Empty: there is no home either.
std::string default_store_path();
// Creates what is missing of the file's directory, mode 0700.
Status make_directories(const std::string& file);

}  // namespace spillway
