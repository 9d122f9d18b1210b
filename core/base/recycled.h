// Memory of objects that are made and given up all the time, kept for the next one of the kind: a list per thread, no
// lock, at most kKept at rest. Derive from Recycled<T>; T must be final. Under AddressSanitizer none is kept, so that
// it sees who uses what is gone. Thread: any, and an object may end on another one.
#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace spillway {

template <class T>
class Recycled {
 public:
  static constexpr std::size_t kKept = 64;

  static void* operator new(std::size_t bytes) {  // why: this is the class's own allocator
    std::vector<void*>& rest = at_rest().blocks;
    if (rest.empty()) return ::operator new(bytes);  // why: the first of its kind
    void* block = rest.back();
    rest.pop_back();
    return block;
  }
  static void operator delete(void* block) {  // why: see operator new
    std::vector<void*>& rest = at_rest().blocks;
    if (kKeep == 0 || rest.size() >= kKeep) return ::operator delete(block);  // why: the end of this memory's use
    rest.push_back(block);
  }

 private:
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kKeep = 0;
#else
  static constexpr std::size_t kKeep = kKept;
#endif
  struct Rest {
    Rest() { blocks.reserve(kKept); }
    ~Rest() {
      for (void* block : blocks) ::operator delete(block);  // why: the thread ends
    }
    std::vector<void*> blocks;
  };
  static Rest& at_rest() {
    thread_local Rest rest;
    return rest;
  }
};

}  // namespace spillway
