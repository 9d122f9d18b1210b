// What a command needs to ask over the network and then end: a loop of its own with the proxy's connection pool.
//
// Owner: the command, on its stack. Thread: the one that calls run().
#pragma once
#include <memory>

#include "net/dial.h"
#include "net/loop.h"
#include "upstream/pool.h"

namespace spillway {

class Errand final : private Deadline::Events {
 public:
  Errand();
  Loop& loop() { return loop_; }
  Pool& pool() { return pool_; }
  void run() { loop_.run(); }  // until done(), and what is under way has ended
  void done();                 // the end is in the next turn: what called us may still look at the pool

 private:
  void on_deadline(Deadline& deadline) override;

  Loop loop_;
  Deadline deadline_;
  std::unique_ptr<Dialer> dialer_;
  Pool pool_;
};

}  // namespace spillway
