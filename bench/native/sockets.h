// The few socket calls that origin, floor and load share. All of 127.0.0.1; what cannot work ends the process.
#pragma once
#include <sys/epoll.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace bench {

[[noreturn]] void die(std::string_view what);

int listen_on(std::uint16_t port);   // non-blocking
int accept_from(int listener);       // non-blocking, no delay; -1 when there is none
int connect_to(std::uint16_t port);  // non-blocking once it is connected
void watch(int epoll, int fd, std::uint32_t events, int operation);
std::uint64_t now_ns();
// Waits until then at most; 0 is for ever. Returns the number of events.
int wait_until(int epoll, epoll_event* events, int most, std::uint64_t then_ns);

// The command line: name=value words.
class Words {
 public:
  Words(int count, char** words);
  std::string text(const std::string& name) const;
  std::uint64_t number(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace bench
