// The owner of the precompiled header that all test executables use; CMake wants a target with a source for it.
