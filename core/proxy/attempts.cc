// Trying candidates one after the other, and relaying what one of them answers.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

void Request::next_attempt() {
  while (true) {
    const std::optional<std::size_t> i = plan_.pick(worker_.dice().unit());
    if (i) {
      if (translated_ != nullptr && !fits(*i)) continue;
      if (!afford(*i)) continue;
      if (chain_->attempt(*i)) return begin_attempt(*i);
      pay(0);
      continue;  // now excluded, with a reason
    }
    // Nobody is left. Once, and only if nothing was sent, a policy may let somebody in as an early probe.
    if (plan_.attempts() > 0 || exhausted_asked_ || !chain_->exhausted()) return give_up();
    exhausted_asked_ = true;
  }
}

void Request::begin_attempt(std::size_t i) {
  enter(Phase::attempt);
  candidate_ = i;
  plan_.started(i);
  const Candidate& candidate = plan_.candidates[i];
  Target& target = *generation_.targets[candidate.target];
  const Limits& limits = generation_.config.limits;
  attempt_us_ = worker_.clock().now_us();
  windows_ = Windows();
  target.live->in_flight.fetch_add(1, std::memory_order_relaxed);
  const bool uploads = client_.uploads();  // the body is still coming
  if (uploads) {
    client_.hold_upload();
  } else if (!deadline_.armed()) {
    deadline_.arm(budget_end_us_ > attempt_us_ ? (budget_end_us_ - attempt_us_) / 1000 : 0);
  }
  const bool injected = facts_.stream && !facts_.include_usage;
  const Foreign* const foreign = translated_ == nullptr ? nullptr : translated_->of_attempt();
  const Relay::Options options{operation_.api, !injected,          capture_max_,   worker_.clock().wall_ms(),
                               foreign,        record_.request_id, candidate.model};
  relay_.emplace(limits, options, worker_.scanner());
  AttemptTimes times;
  times.connect_ms = static_cast<std::uint64_t>(limits.connect_ms);
  times.first_byte_ms = static_cast<std::uint64_t>(candidate.free ? limits.free_first_byte_ms : limits.first_byte_ms);
  const bool tunnel = operation_.api == Api::realtime;
  times.idle_ms = static_cast<std::uint64_t>(tunnel ? limits.tunnel_idle_ms : limits.stream_idle_ms);
  attempt_ = std::make_unique<Attempt>(worker_.pool(), *target.endpoint, times, static_cast<Attempt::Events&>(*this));
  if (translated_ != nullptr && translated_->writes()) {
    write_translated_request(target);
  } else {
    write_upstream_request(target);
  }
  if (uploads) frame_upload_begin();
  const Sends sends = uploads ? Sends::begin : tunnel ? Sends::upgrade : Sends::whole;
  attempt_->start(head_->method == "HEAD", splice_.pieces, sends);
}

void Request::on_head(const ResponseHead& head) {
  const auto waited = static_cast<std::int64_t>(worker_.clock().now_us() - attempt_us_);
  generation_.targets[plan_.candidates[candidate_].target]->live->observe_latency(waited);
  windows_ = read_windows(head.headers, worker_.clock().wall_ms());
  if (operation_.api == Api::realtime) {
    if (const std::string_view flaw = tunnel_flaw(head); !flaw.empty()) {
      return follow(relay_->cut({Kind::invalid, Source::upstream, Retry::yes, std::string(flaw)}));
    }
  }
  const Relay::State state = relay_->head(head);
  if (!relay_->streaming()) attempt_->content();
  answer_head_ = &head;
  if (head.status >= 400) error_type_ = head.headers.get(FieldId::content_type);
  if (early_ && !relay_->streaming() && head.status < 300) {
    return follow(relay_->cut({Kind::invalid, Source::upstream, Retry::yes, "no stream came, and its head went out"}));
  }
  follow(state);
}

void Request::on_body(std::string_view bytes) { follow(relay_->body(bytes)); }
void Request::on_end() { follow(relay_->end()); }
void Request::on_failed(const Error& error) {
  const bool silence = tunnel_ && error.kind == Kind::timeout;  // of both sides, so nobody's failure
  follow(silence ? relay_->end() : relay_->cut(error));
}

void Request::follow(Relay::State state) {
  switch (state) {
    case Relay::State::holding: return;
    case Relay::State::relaying:
      begin_answer();
      if (!send(false)) {
        pace_.client_stalled();
        attempt_->pause();
      }
      return;
    case Relay::State::failed: return attempt_over(relay_->verdict());
    case Relay::State::complete:
      complete();
      settle_capture();
      send(true);
      return finish(EndReason::ok, keep_alive_ ? Parting::keep : Parting::close);
    case Relay::State::broken:
      begin_answer();  // content and the fault came in one read
      attempt_->cancel();
      report(relay_->verdict());
      return break_answer();
  }
}

void Request::begin_answer() {
  if (committed_) return;
  const std::uint64_t now = worker_.clock().now_us();
  first_content(now);
  write_head();
  if (relay_->streaming()) let_go();
  if (operation_.api == Api::realtime) return open_tunnel();
  pace_.begin(generation_.config.limits, started_us_, now, relay_->streaming());
  if (const std::uint64_t next_ms = pace_.next_ms(now); next_ms > 0) deadline_.arm(next_ms);
}

// A stream may last for minutes, and what only another attempt would need is larger than all the rest of it.
void Request::let_go() {
  worker_.keep_memory(std::exchange(request_out_, {}));
  splice_ = Splice();
  if (translated_ != nullptr) translated_->let_go();
  body_ = {};
  std::string().swap(unpacked_);
  client_.forget_body();
  if (route_->policies.empty() && head_->minor == 1 && head_->method == "POST") forget_head();
  answer_head_ = nullptr;
  attempt_->forget_fields();
}

void Request::pace_answer() {
  const std::uint64_t now = worker_.clock().now_us();
  const Pace::Found found = pace_.look(now, relay_->content_events());
  if (found == Pace::Found::fine) return deadline_.arm(pace_.next_ms(now));
  const Limits& limits = generation_.config.limits;
  const std::string why = found == Pace::Found::too_long
                              ? "no end within " + std::to_string(limits.answer_ms) + " ms"
                              : "fewer than " + std::to_string(limits.stream_window_events) + " events of content in " +
                                    std::to_string(limits.stream_window_ms) + " ms";
  const Relay::State state = relay_->cut({Kind::timeout, Source::upstream, Retry::no, why});
  if (state != Relay::State::broken || !pace_.client_was_slow()) return follow(state);
  // The client took its time, so this tells nothing about the provider.
  attempt_->cancel();
  Verdict verdict;
  verdict.fault = Fault::client_gone;
  verdict.message = why;
  report(verdict);
  break_answer();
}

// A plain answer is written when its cost is known, a stream's head went out long ago.
void Request::complete() {
  const bool plain = !committed_;
  const std::uint64_t now_us = worker_.clock().now_us();
  if (plain) first_content(now_us);
  report(Verdict{}, now_us);
  if (plain) write_head();
}

// An attempt failed before anything was released: say so, and try the next.
void Request::attempt_over(const Verdict& verdict) {
  attempt_->cancel();
  report(verdict);
  last_verdict_ = verdict;
  error_body_ = relay_->error_body();
  plan_.after(candidate_, verdict.fault);
  Candidate& candidate = plan_.candidates[candidate_];
  if (const auto ms = verdict.wait_ms(worker_.clock().wall_ms()); ms >= 0) candidate.wait_ms = ms;
  worker_.loop().bury(std::move(attempt_));
  if (upload_sent_) return give_up();  // what is gone cannot be sent again
  next_attempt();
}

void Request::report(const Verdict& verdict) { report(verdict, worker_.clock().now_us()); }

void Request::report(const Verdict& verdict, std::uint64_t now) {
  const Candidate& candidate = plan_.candidates[candidate_];
  const Target& target = *generation_.targets[candidate.target];
  target.live->in_flight.fetch_sub(1, std::memory_order_relaxed);
  record_.upstream_us += static_cast<std::int64_t>(now - attempt_us_);
  Tried tried{&target, candidate.model, candidate.tier, 0, verdict.fault, 0, {}};
  if (!verdict.message.empty()) tried.detail = redact(verdict.message);
  tried.status = verdict.status != 0 ? verdict.status : relay_->status();
  tried.ms = static_cast<std::int64_t>((now - attempt_us_) / 1000);
  worker_.accounts().attempt(tried);
  record_.tried.push_back(std::move(tried));
  record_.usage = relay_->usage();
  record_.finish = relay_->finish();
  record_.cost_usd = cost_usd(record_.usage, candidate.price_in, candidate.price_out);
  if (!record_.usage.known() && relay_->committed() && relay_->streaming()) {
    record_.usage.input = static_cast<std::int64_t>(facts_.prompt_tokens);
    record_.usage.output = static_cast<std::int64_t>(relay_->content_events());
    record_.usage_estimated = true;
    record_.cost_usd = cost_usd(record_.usage, candidate.price_in, candidate.price_out);
  }
  if (!relay_->defect().empty()) record_.notes.emplace_back("repaired", relay_->defect());
  pay_for(verdict);
  if (verdict.fault == Fault::none) reckon_saving();
  chain_->outcome(outcome_of(verdict, static_cast<std::int64_t>(now - attempt_us_)));
}

void Request::on_deadline(Deadline&) {
  if (phase_ == Phase::decide) return after_chain(chain_->wait_expired());
  if (phase_ == Phase::relay && tunnel_) return follow(relay_->end());  // the provider says no goodbye
  if (phase_ == Phase::relay) return pace_answer();
  if (phase_ != Phase::attempt) return;
  const std::string limit = std::to_string((budget_end_us_ - started_us_) / 1000);
  Verdict verdict = classify(Error{Kind::timeout, Source::us, Retry::no, "no content within " + limit + " ms"});
  attempt_->cancel();
  report(verdict);
  last_verdict_ = std::move(verdict);
  give_up();
}

void Request::on_client_drained() {
  pace_.client_drained(worker_.clock().now_us());
  if (attempt_ != nullptr) attempt_->resume();
}

void Request::on_client_gone() {
  if (phase_ == Phase::end) return;
  if (phase_ == Phase::attempt || phase_ == Phase::relay) {
    attempt_->cancel();
    Verdict verdict;
    verdict.fault = Fault::client_gone;
    report(verdict);
  }
  finish(EndReason::client_gone, Parting::gone);
}

}  // namespace spillway
