// Two Streams joined in memory: what one writes the other is told, `chunk` bytes per turn. Obeys the same contract as
// TCP (events in later turns, marks, half close), so TLS can be tested without sockets.
#pragma once
#include <algorithm>
#include <string>

#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

class PipeEnd final : public Stream, public Mortal, private Deadline::Events {
 public:
  PipeEnd(Loop& loop, std::size_t chunk) : loop_(loop), chunk_(chunk), later_(loop, *this) {}
  ~PipeEnd() override = default;
  void join(PipeEnd* other) { other_ = other; }
  bool write(std::span<const std::string_view> pieces) override {
    if (other_ == nullptr) return true;
    for (const std::string_view piece : pieces) other_->inbox_.append(piece);
    other_->later_.arm(0);
    stalled_ = stalled_ || queued_bytes() > kHighMark;
    return queued_bytes() <= kHighMark;
  }
  void pause() override { paused_ = true; }
  void resume() override {
    paused_ = false;
    later_.arm(0);
  }
  void shutdown() override {
    if (other_ == nullptr) return;
    other_->fin_ = true;
    other_->later_.arm(0);
  }
  void reset() override { reset_ = true; }
  std::size_t queued_bytes() const override { return other_ == nullptr ? 0 : other_->inbox_.size(); }
  std::string_view peer() const override { return "pipe"; }
  bool encrypted() const override { return false; }

 private:
  void close() override {
    events_ = nullptr;
    later_.disarm();
    if (other_ != nullptr) {
      other_->other_ = nullptr;
      (reset_ ? other_->broken_ : other_->fin_) = true;
      other_->later_.arm(0);
    }
    loop_.bury(std::unique_ptr<Mortal>(this));
  }
  void on_deadline(Deadline&) override {
    if (events_ == nullptr) return;
    if (stalled_ && queued_bytes() <= kLowMark) {
      stalled_ = false;
      later_.arm(0);
      return events_->on_drained();
    }
    if (paused_) return;
    if (broken_) return events_->on_broken({Kind::closed, Source::us, Retry::no, "reset"});
    if (!inbox_.empty()) {
      const std::string bytes = inbox_.substr(0, chunk_);
      inbox_.erase(0, bytes.size());
      if (other_ != nullptr && other_->stalled_) other_->later_.arm(0);
      later_.arm(0);
      return events_->on_data(bytes);
    }
    if (!fin_ || ended_) return;
    ended_ = true;
    events_->on_eof();
  }

  Loop& loop_;
  const std::size_t chunk_;
  PipeEnd* other_ = nullptr;
  std::string inbox_;
  bool paused_ = true;
  bool fin_ = false;
  bool ended_ = false;
  bool reset_ = false;
  bool broken_ = false;
  bool stalled_ = false;
  Deadline later_;
};

inline std::pair<StreamPtr, StreamPtr> make_pipe(Loop& loop, std::size_t chunk) {
  auto left = std::make_unique<PipeEnd>(loop, chunk);
  auto right = std::make_unique<PipeEnd>(loop, chunk);
  left->join(right.get());
  right->join(left.get());
  return {StreamPtr(left.release()), StreamPtr(right.release())};
}

}  // namespace spillway
