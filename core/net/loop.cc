// The loop's turn: messages and deadlines first, then the prepare phase empties the graves, then libuv polls.
//
// Deadlines sit in a wheel of kSlots slots of kTickMs. The timer is set to the next slot that holds anything, so an
// idle worker sleeps; firing first collects what is due into a list of its own, from which any callback may still take
// others.
#include "net/loop.h"

#include <csignal>
#include <cstdlib>

namespace spillway {

namespace {

std::uint64_t clock_ms() { return uv_hrtime() / 1'000'000; }

// What libuv leaves to the program. The first Loop is made before any worker thread starts, so setenv is safe.
void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  // Only half of libuv's threads (4 by default) look up names at once, so two slow name servers would stall all others.
  setenv("UV_THREADPOOL_SIZE", "16", 0);
}

std::once_flag process_prepared;

}  // namespace

void Deadline::arm(std::uint64_t after_ms) {
  disarm();
  loop_.add(*this, clock_ms(), after_ms);
}

void Deadline::put_off(std::uint64_t after_ms) {
  const std::uint64_t due_ms = loop_.now_ms() + 1 + after_ms;
  if (armed() && due_ms_ != 0 && due_ms >= due_ms_ && after_ms > 0) {
    due_ms_ = due_ms;  // the sweep finds it where it was, and moves it then
    return;
  }
  disarm();
  loop_.add(*this, loop_.now_ms(), after_ms);
}

void Deadline::disarm() {
  if (armed()) loop_.remove(*this);
}

Loop::Loop() : wheel_(kSlots, nullptr), read_buffer_(std::make_unique_for_overwrite<char[]>(kReadBytes)) {
  std::call_once(process_prepared, prepare_process);
  CHECK(uv_loop_init(&loop_) == 0);
  CHECK(uv_async_init(&loop_, &async_, async_cb) == 0);
  CHECK(uv_prepare_init(&loop_, &prepare_) == 0);
  CHECK(uv_timer_init(&loop_, &timer_) == 0);
  CHECK(uv_idle_init(&loop_, &soon_handle_) == 0);
  async_.data = prepare_.data = timer_.data = soon_handle_.data = this;
  CHECK(uv_prepare_start(&prepare_, prepare_cb) == 0);
  // Only the inbox keeps run() going for our sake; deadlines and graves serve the handles of others.
  for (uv_handle_t* handle : {reinterpret_cast<uv_handle_t*>(&prepare_), reinterpret_cast<uv_handle_t*>(&timer_),
                              reinterpret_cast<uv_handle_t*>(&soon_handle_)})
    uv_unref(handle);
}

Loop::~Loop() {
  close();
  empty_graves();
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&soon_handle_), nullptr);
  const auto must_be_closing = [](uv_handle_t* handle, void*) { CHECK(uv_is_closing(handle) != 0); };
  uv_walk(&loop_, must_be_closing, nullptr);
  uv_run(&loop_, UV_RUN_NOWAIT);  // only close callbacks are left
  empty_graves();
  CHECK(uv_loop_close(&loop_) == 0);
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
  empty_graves();
}

void Loop::turn() {
  uv_run(&loop_, UV_RUN_NOWAIT);
  empty_graves();
}

void Loop::close() {
  {
    const std::lock_guard hold(lock_);
    if (closed_) return;
    closed_ = true;  // from here on no other thread touches async_
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
}

void Loop::post(Message message) {
  const std::lock_guard hold(lock_);
  if (closed_) return;
  messages_.push_back(message);
  // The send stays under the lock: afterwards close() might have freed the descriptor it writes to.
  if (messages_.size() == 1) uv_async_send(&async_);
}

void Loop::set_inbox(Inbox* inbox) {
  inbox_ = inbox;
  const std::lock_guard hold(lock_);
  if (inbox != nullptr && !closed_ && !messages_.empty()) uv_async_send(&async_);
}

void Loop::async_cb(uv_async_t* handle) noexcept { static_cast<Loop*>(handle->data)->deliver(); }

void Loop::deliver() {
  if (inbox_ == nullptr) return;
  std::vector<Message> messages;
  {
    const std::lock_guard hold(lock_);
    messages.swap(messages_);
  }
  for (const Message& message : messages)
    if (inbox_ != nullptr) inbox_->on_message(message);
}

void Loop::prepare_cb(uv_prepare_t* handle) noexcept { static_cast<Loop*>(handle->data)->empty_graves(); }

void Loop::empty_graves() {
  while (!graves_.empty()) {  // a destructor may bury more
    std::vector<std::unique_ptr<Mortal>> graves;
    graves.swap(graves_);
  }
}

void Loop::link(Deadline& deadline, Deadline*& head) {
  deadline.next_ = head;
  deadline.link_ = &head;
  if (head != nullptr) head->link_ = &deadline.next_;
  head = &deadline;
}

void Loop::unlink(Deadline& deadline) {
  *deadline.link_ = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->link_ = deadline.link_;
  deadline.next_ = nullptr;
  deadline.link_ = nullptr;
}

std::uint64_t Loop::tick_of(const Deadline& deadline) { return (deadline.due_ms_ + kTickMs - 1) / kTickMs; }

// `now` is read for each: the turn may have begun a while ago, and counting from its start would fire early. The clock
// is cut to whole milliseconds, hence one more.
void Loop::add(Deadline& deadline, std::uint64_t now, std::uint64_t after_ms) {
  if (after_ms == 0) {
    deadline.due_ms_ = 0;
    link(deadline, soon_);
    uv_idle_start(&soon_handle_, soon_cb);
    return;
  }
  if (armed_++ == 0) swept_tick_ = now / kTickMs;
  deadline.due_ms_ = now + 1 + after_ms;
  place(deadline);
}

// It is due after swept_tick_, since it is due after now.
void Loop::place(Deadline& deadline) {
  const std::uint64_t tick = tick_of(deadline);
  link(deadline, wheel_[tick % kSlots]);
  // A deadline of a later round is met, and left, once per round before.
  wake_at(swept_tick_ + 1 + (tick - swept_tick_ - 1) % kSlots);
}

void Loop::remove(Deadline& deadline) {
  unlink(deadline);
  if (deadline.due_ms_ == 0) {
    if (soon_ == nullptr) uv_idle_stop(&soon_handle_);
    return;
  }
  if (--armed_ > 0) return;
  uv_timer_stop(&timer_);
  wake_tick_ = 0;
}

void Loop::wake_at(std::uint64_t tick) {
  if (wake_tick_ != 0 && wake_tick_ <= tick) return;
  wake_tick_ = tick;
  const std::uint64_t due_ms = tick * kTickMs;
  uv_timer_start(&timer_, tick_cb, due_ms > now_ms() ? due_ms - now_ms() : 0, 0);
}

std::uint64_t Loop::next_used_tick() const {
  std::uint64_t tick = swept_tick_ + 1;
  while (wheel_[tick % kSlots] == nullptr) ++tick;
  return tick;
}

void Loop::tick_cb(uv_timer_t* handle) noexcept { static_cast<Loop*>(handle->data)->sweep(); }

void Loop::sweep() {
  wake_tick_ = 0;
  const std::uint64_t now = now_ms();
  const std::uint64_t last = now / kTickMs;
  const std::uint64_t first = last > swept_tick_ + kSlots ? last - kSlots + 1 : swept_tick_ + 1;
  Deadline* due = nullptr;
  for (std::uint64_t tick = first; tick <= last; ++tick) {
    for (Deadline* at = wheel_[tick % kSlots]; at != nullptr;) {
      Deadline& deadline = *at;
      at = at->next_;
      if (deadline.due_ms_ <= now) {
        unlink(deadline);
        link(deadline, due);
      } else if (const std::uint64_t later = tick_of(deadline); later % kSlots != tick % kSlots) {
        unlink(deadline);  // it was put off
        link(deadline, wheel_[later % kSlots]);
      }
    }
  }
  if (last > swept_tick_) swept_tick_ = last;
  fire(due);
  if (armed_ > 0) wake_at(next_used_tick());
}

void Loop::soon_cb(uv_idle_t* handle) noexcept {
  Loop& loop = *static_cast<Loop*>(handle->data);
  Deadline* due = nullptr;
  while (loop.soon_ != nullptr) {  // turns the list round: oldest first
    Deadline& deadline = *loop.soon_;
    unlink(deadline);
    link(deadline, due);
  }
  fire(due);
  if (loop.soon_ == nullptr) uv_idle_stop(&loop.soon_handle_);
}

// A callback may arm, disarm or destroy any deadline, also one still in this list: unlinking keeps `head` right.
void Loop::fire(Deadline*& head) {
  while (head != nullptr) {
    Deadline& deadline = *head;
    deadline.loop_.remove(deadline);
    deadline.events_.on_deadline(deadline);
  }
}

}  // namespace spillway
