// One libuv loop: deadlines, messages from other threads, and the end of a turn.
//
// Owner: a Worker (or main). Thread: the one that calls run(); only post() may be called from another.
#pragma once
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"

namespace spillway {

class Loop;

// Something whose destruction waits for the end of the loop's turn, so that a callback up the stack may still look at
// its own members after the object was given up.
class Mortal {
 public:
  virtual ~Mortal() = default;
};

// A coarse deadline (kTickMs), kept in the loop's wheel: arming and disarming cost no system call and no heap.
// A member of its owner; disarms itself when destroyed.
class Deadline {
 public:
  class Events {
   public:
    virtual void on_deadline(Deadline& deadline) = 0;

   protected:
    ~Events() = default;
  };
  Deadline(Loop& loop, Events& events) : loop_(loop), events_(events) {}
  ~Deadline() { disarm(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  // Replaces an earlier one; never fires early, at most 2 ticks late. 0: in the next turn, without waiting for a tick,
  // so that an object can report later what it learned inside a command.
  void arm(std::uint64_t after_ms);
  // The same, counted from the start of the loop's turn, and so perhaps early by what the turn has lasted: for seconds
  // of silence that are counted anew with every byte. Where one was due before, nothing moves yet.
  void put_off(std::uint64_t after_ms);
  void disarm();
  bool armed() const { return link_ != nullptr; }

 private:
  friend class Loop;
  Loop& loop_;
  Events& events_;
  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;  // what points at us, for unlinking; nothing does while it is not armed
  std::uint64_t due_ms_ = 0;
};

class Loop {
 public:
  static constexpr std::uint32_t kTickMs = 10;
  static constexpr std::size_t kReadBytes = 256 * 1024;

  struct Message {
    std::uint64_t what;
    void* data;
  };
  class Inbox {
   public:
    virtual void on_message(const Message& message) = 0;

   protected:
    ~Inbox() = default;
  };

  Loop();
  ~Loop();  // every handle must be closed by now: CHECKs uv_loop_close() == 0
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  uv_loop_t* raw() { return &loop_; }
  std::uint64_t now_ms() const { return uv_now(&loop_); }  // as of this turn's start
  void run();                                              // until no handle is active
  void turn();                                             // one pass without blocking, for tests and for shutting down
  void set_inbox(Inbox* inbox);                            // messages wait while there is none
  void post(Message message);  // ANY THREAD; after close() it is dropped, so `data` needs an owner elsewhere
  void bury(std::unique_ptr<Mortal> mortal) { graves_.push_back(std::move(mortal)); }
  // No more messages; run() returns once the handles of others are gone. Deadlines fire until then.
  void close();
  // What every read of this loop goes into: valid inside a read callback only, so an idle connection holds no buffer.
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBytes}; }

 private:
  friend class Deadline;
  static void async_cb(uv_async_t* handle) noexcept;
  static void prepare_cb(uv_prepare_t* handle) noexcept;
  static void tick_cb(uv_timer_t* handle) noexcept;
  static void soon_cb(uv_idle_t* handle) noexcept;
  void add(Deadline& deadline, std::uint64_t now_ms, std::uint64_t after_ms);
  void place(Deadline& deadline);
  void remove(Deadline& deadline);
  static std::uint64_t tick_of(const Deadline& deadline);
  void sweep();
  void wake_at(std::uint64_t tick);
  std::uint64_t next_used_tick() const;
  void deliver();
  void empty_graves();
  static void link(Deadline& deadline, Deadline*& head);
  static void unlink(Deadline& deadline);
  static void fire(Deadline*& head);

  static constexpr std::uint32_t kSlots = 1024;  // power of two; a slot holds deadlines of this and later rounds
  uv_loop_t loop_{};
  uv_async_t async_{};
  uv_prepare_t prepare_{};
  uv_timer_t timer_{};
  uv_idle_t soon_handle_{};
  Inbox* inbox_ = nullptr;
  std::mutex lock_;
  std::vector<Message> messages_;
  std::vector<std::unique_ptr<Mortal>> graves_;
  std::vector<Deadline*> wheel_;
  Deadline* soon_ = nullptr;      // armed with 0, newest first
  std::uint64_t swept_tick_ = 0;  // everything due up to here has fired
  std::uint64_t wake_tick_ = 0;   // what the timer is set to; 0: it is off
  std::size_t armed_ = 0;         // in the wheel
  std::unique_ptr<char[]> read_buffer_;
  bool closed_ = false;
};

}  // namespace spillway
