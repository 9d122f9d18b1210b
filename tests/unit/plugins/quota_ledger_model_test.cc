// The free quota ledger against a model over a million random steps: a list of what was sent and a few plain numbers
// (rules C-1, O-5, O-6, T-3; fault K1). The clocks are two numbers; the wall clock jumps, the process's never does.
//
// The day is predicted exactly. The minute is judged: no 60 s may hold more sends than rpm, and nobody may be refused
// while they hold plainly fewer. A failure names the seed and the step.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "base/dice.h"
#include "breaker_model.h"
#include "quota_record.h"

namespace {

using spillway::Dice;
using u64 = std::uint64_t;
using i64 = std::int64_t;
using Name = std::string_view;

constexpr i64 kDay = 86'400'000, kMinute = 60'000, kNoon = 20'000 * kDay + kDay / 2;

// What a person with a notebook would know of one account.
struct Notebook {
  i64 rpm = 0, rpd = 0;
  i64 day = 0, used = 0, told = 0;  // told: the provider's word about the limit
  i64 closed = 0;                   // wall time until which the provider closed the day
  i64 paused = 0;                   // process time until which it closed the minute
  struct Sent {
    i64 at;
    u64 id;
    bool given_back;
  };
  std::deque<Sent> minute;  // of the last 60 s

  i64 limit() const { return told > 0 ? told : rpd; }
  static i64 day_of(i64 wall) { return wall < 0 ? 1 : wall / kDay + 1; }

  // A later day begins with nothing used, and a told limit below the configured one is doubted. An earlier day is a
  // clock that stepped back: it counts on, unless the day noted is so far ahead that it must have been wrong.
  void turn_page(i64 wall) {
    const i64 today = day_of(wall);
    if (today > day) {
      used = 0;
      if (told < rpd || rpd == 0) told = 0;
    }
    if (today > day || day - today > 2) day = today;
  }
  Notebook as_of(i64 wall) const {
    Notebook page = *this;
    page.turn_page(wall);
    return page;
  }
  // Closures end by themselves, with a fresh count; one told for later than the day after tomorrow ends at midnight.
  void open_what_is_over(i64 wall) {
    if (closed == 0) return;
    if (closed - wall > 2 * kDay) closed = day_of(wall) * kDay;
    if (closed > wall) return;
    closed = 0;
    used = 0;
  }
  void close(i64 until, i64 told_limit, i64 wall) {
    closed = until;
    turn_page(wall);
    if (told_limit > 0) told = told_limit;
    if (limit() > 0) used = limit();
  }
  void learn(i64 of, i64 remaining, i64 wall) {
    if (of <= 0 || remaining < 0 || remaining > of) return;
    turn_page(wall);
    if (of != limit()) told = of;
    used = std::max(used, of - remaining);
  }
  void forget_old(i64 now) {
    while (!minute.empty() && minute.front().at + kMinute <= now) minute.pop_front();
  }
  i64 in_the_minute() const {
    return std::count_if(minute.begin(), minute.end(), [](const Sent& one) { return !one.given_back; });
  }
};

struct LedgerWalk {
  LedgerWalk(u64 seed, bool jumps, bool told) : dice(seed), clock_jumps(jumps), provider_speaks(told) {
    book.rpm = std::array<i64, 7>{0, 1, 3, 20, 240, 241, 700}[dice.below(7)];
    book.rpd = std::array<i64, 4>{0, 1, 50, 1000}[dice.below(4)];
    pace = usual = book.rpm > 0 ? static_cast<u64>(kMinute / book.rpm) * 2 : 1000;
  }
  struct Held {
    quota_hold hold;
    i64 day;
    u64 id;
  };
  Dice dice;
  bool clock_jumps, provider_speaks, reloads = true;
  Notebook book;
  std::array<u64, BUCKET_CELLS> cells{};
  std::vector<Held> held;
  i64 wall = kNoon, now = 1;
  u64 pace, usual;  // the most milliseconds between two steps
  u64 ids = 0, granted = 0, refused = 0, given_back = 0;
  i64 most_today = 0, counted_day = 0, counted = 0;  // what one calendar day really saw

  quota_limits limits() const { return {book.rpm, book.rpd, 0}; }

  void pass(i64 ms) {
    wall += ms;
    now += ms;
  }

  Name step() {
    pass(static_cast<i64>(dice.below(pace)));
    const u64 draw = dice.below(1000);
    if (draw < 10) pass(static_cast<i64>(dice.below(200'000)));
    if (draw == 10) pass(static_cast<i64>(dice.below(kDay)));
    if (draw == 11 && clock_jumps) wall += jump();
    if (draw == 12 && reloads) book.rpd = std::array<i64, 4>{0, 1, 50, 1000}[dice.below(4)];  // a reload
    if (draw == 13) return live_again();
    if (draw == 14) pace = std::max<u64>(1, std::array<u64, 3>{usual / 6, usual, usual * 2}[dice.below(3)]);
    if (draw < 20 && provider_speaks) return hear();
    if (draw < 700) return reserve();
    if (draw < 800) return look();
    return held.empty() ? reserve() : end(dice.below(held.size()));
  }

  i64 jump() {
    static constexpr std::array<i64, 6> kJumps = {-1000, -3'600'000, -kDay, 3'600'000, -400 * kDay, 400 * kDay};
    return kJumps[dice.below(kJumps.size())];
  }

  Name hear() {
    const i64 limit = std::array<i64, 4>{0, 20, 50, 1000}[dice.below(4)];
    const u64 what = dice.below(3);
    if (what == 0) {
      const i64 until = wall + static_cast<i64>(dice.below(dice.below(10) == 0 ? 9 * kDay : kDay));
      quota_close(cells.data(), limits(), until, limit, wall);
      book.close(until, limit, wall);
    } else if (what == 1) {
      const i64 remaining = static_cast<i64>(dice.below(1200)) - 20;
      quota_learn(cells.data(), limits(), limit, remaining, wall);
      book.learn(limit, remaining, wall);
    } else {
      const i64 until = now + static_cast<i64>(dice.below(90'000));
      quota_pause(cells.data(), static_cast<u64>(until));
      book.paused = std::max(book.paused, until);
    }
    return same();
  }

  // What the answer must be as far as day and pauses go; `minute`: they leave it to the minute.
  Name judge(const quota_answer& said, bool& minute) {
    book.open_what_is_over(wall);
    book.forget_old(now);
    if (book.day - Notebook::day_of(wall) > 2) book.turn_page(wall);  // a wrong day is put right by whoever sees it
    const Notebook page = book.as_of(wall);
    minute = false;
    if (book.closed > 0) {
      return said.why == QUOTA_DAY_CLOSED && said.wait_ms == book.closed - wall ? Name{} : Name("O-6: closed by word");
    }
    if (page.limit() > 0 && page.used >= page.limit()) {
      return said.why == QUOTA_DAY_SPENT && said.wait_ms == page.day * kDay - wall ? Name{} : Name("O-5: a spent day");
    }
    if (now < book.paused) {
      return said.why == QUOTA_MINUTE_CLOSED && said.wait_ms == book.paused - now ? Name{} : Name("O-6: paused");
    }
    minute = true;
    if (said.why == QUOTA_OPEN) return {};
    if (said.why != QUOTA_MINUTE_SPENT) return "O-5: the day has room";
    if (said.wait_ms <= 0 || said.wait_ms > kMinute) return "T-3: a wait is within the minute";
    const i64 each = (book.rpm + 239) / 240, places = each > 0 ? book.rpm / each : 0;
    if (static_cast<i64>(book.minute.size()) <= (places - 1) * each) return "T-3: quota is not wasted";
    const bool plain = each == 1 && book.in_the_minute() == static_cast<i64>(book.minute.size());
    if (plain && said.wait_ms != book.minute.front().at + kMinute - now) return "T-3: until the oldest is a minute old";
    return {};
  }

  Name look() {
    bool minute = false;
    const quota_answer said = quota_look(cells.data(), limits(), wall, static_cast<u64>(now));
    if (const Name broken = judge(said, minute); !broken.empty()) return broken;
    const Notebook page = book.as_of(wall);
    if (static_cast<i64>(said.used) != page.used || static_cast<i64>(said.limit) != page.limit())
      return "what it tells";
    return same();
  }

  Name reserve() {
    bool minute = false;
    Held one{};
    const quota_answer said = quota_reserve(cells.data(), limits(), wall, static_cast<u64>(now), 0, &one.hold);
    if (const Name broken = judge(said, minute); !broken.empty()) return broken;
    if (said.why != QUOTA_OPEN) {
      ++refused;
      return one.hold.day == 0 && one.hold.seq == 0 ? same() : Name("a refusal holds nothing");
    }
    ++granted;
    book.turn_page(wall);
    ++book.used;
    one.day = book.day;
    one.id = ++ids;
    if (book.rpm > 0) book.minute.push_back({now, one.id, false});
    if (book.rpm > 0 && book.in_the_minute() > book.rpm) return "T-3: no 60 s hold more than rpm";
    if (counted_day != Notebook::day_of(wall)) counted = 0;
    counted_day = Notebook::day_of(wall);
    most_today = std::max(most_today, ++counted);
    held.push_back(one);
    return same();
  }

  // Sent, whatever came of it; or not sent, and so given back. A second time gives nothing.
  Name end(std::size_t which) {
    Held one = held[which];
    held[which] = held.back();
    held.pop_back();
    if (dice.below(3) != 0) return {};
    quota_release(cells.data(), &one.hold);
    quota_release(cells.data(), &one.hold);
    ++given_back;
    if (book.day == one.day && book.used > 0) --book.used;
    if (counted_day == one.day && counted > 0) --counted;
    for (Notebook::Sent& sent : book.minute) sent.given_back |= sent.id == one.id;
    return same();
  }

  // The process ends and starts again: the record keeps the day, the minute is a new one.
  Name live_again() {
    if (cells[QUOTA_DAY] == 0) return {};
    char text[QUOTA_RECORD_BYTES];
    const std::size_t bytes = quota_record_print(text, cells.data(), "an account", wall, static_cast<u64>(now));
    const quota_record kept = quota_record_parse({text, bytes}, wall);
    if (kept.hash == 0)
      return book.day + QUOTA_RECORD_DAYS < Notebook::day_of(wall) ? Name{} : Name("a record is lost");
    if (kept.hash != quota_name_hash(SPW_STR("an account"))) return "a record's name";
    cells = {};
    quota_record_restore(cells.data(), &kept, wall, static_cast<u64>(now));
    book.open_what_is_over(wall);  // what is over is not written back
    book.minute.clear();
    held.clear();
    return same();
  }

  Name same() const {
    const quota_day d = quota_unpack(cells[QUOTA_DAY]);
    if (static_cast<i64>(d.day) != book.day) return "K1: the day";
    if (static_cast<i64>(d.used) != book.used) return "O-5: what is used";
    if (static_cast<i64>(d.limit) != book.told) return "the limit told";
    return static_cast<i64>(cells[QUOTA_CLOSED]) == book.closed ? Name{} : Name("O-6: until when it is closed");
  }
};

// The wait that is told is true: nobody else coming, the same reason is over by then, and not before.
Name if_one_waits(LedgerWalk walk) {
  const quota_answer first = quota_look(walk.cells.data(), walk.limits(), walk.wall, static_cast<u64>(walk.now));
  if (first.why == QUOTA_OPEN) return {};
  walk.pass(first.wait_ms - 1);
  const quota_answer early = quota_look(walk.cells.data(), walk.limits(), walk.wall, static_cast<u64>(walk.now));
  if (early.why != first.why || early.wait_ms != 1) return "a wait ends too soon";
  walk.pass(1);
  const quota_answer then = quota_look(walk.cells.data(), walk.limits(), walk.wall, static_cast<u64>(walk.now));
  return then.why == first.why ? Name("a wait does not end") : Name{};
}

TEST(QuotaLedgerModel, a_million_random_steps_equal_the_notebook) {
  const u64 lives = 60, steps = 18'000 / kWalkShare;
  u64 granted = 0, refused = 0, given_back = 0;
  for (u64 seed = 1; seed <= lives; ++seed) {
    LedgerWalk walk(seed, seed % 3 == 0, seed % 2 == 0);
    for (u64 step = 0; step < steps; ++step) {
      Name broken = walk.step();
      if (broken.empty() && step % 50 == 0) broken = if_one_waits(walk);
      ASSERT_EQ(broken, "") << "seed " << seed << " step " << step << " wall " << walk.wall << " now " << walk.now
                            << " rpm " << walk.book.rpm << " rpd " << walk.book.rpd;
    }
    granted += walk.granted;
    refused += walk.refused;
    given_back += walk.given_back;
  }
  EXPECT_GT(granted, 100'000 / kWalkShare) << "the walks must do all there is to do";
  EXPECT_GT(refused, 100'000 / kWalkShare);
  EXPECT_GT(given_back, 10'000 / kWalkShare);
}

TEST(QuotaLedgerModel, O5_no_calendar_day_sees_more_than_its_limit) {
  for (u64 seed = 1; seed <= 20; ++seed) {
    LedgerWalk walk(seed, false, false);
    walk.book.rpm = 0;
    walk.pace = walk.usual = 100'000;
    walk.reloads = false;
    walk.book.rpd = 1 + static_cast<i64>(walk.dice.below(200));
    for (u64 step = 0; step < 10'000 / kWalkShare; ++step) {
      const Name broken = walk.step();
      ASSERT_EQ(broken, "") << "seed " << seed << " step " << step;
    }
    EXPECT_EQ(walk.most_today, walk.book.rpd) << "seed " << seed << ": all of it, and no more";
  }
}

}  // namespace
