// Moves the values of a tree into the members the option rows name, and says what is wrong with them.
//
// Goes on after a mistake (the member keeps its default), so that one run reports them all. Thread: the loader's.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "conf/options.h"
#include "conf/source.h"
#include "conf/tree.h"

namespace spillway {

class Reader {
 public:
  // `partial`: the file has syntax errors, so what seems to be missing may only be unreadable.
  Reader(Problems& problems, bool partial) : problems_(problems), partial_(partial) {}

  // Reads `table` by its rows. `where` is its name in messages, "[limits]"; members named in `also` are somebody
  // else's.
  void read(const Node& table, const Options& options, const std::string& where,
            std::initializer_list<std::string_view> also = {});
  void assign(const Member& from, const Option& option, const std::string& where);
  void unknown(const Member& member, const std::vector<std::string>& known, const std::string& where);
  // `node` as a table or array of tables; otherwise a problem and nullptr.
  const Node* table(const Member* member, const std::string& where);
  const Node* tables(const Member* member, const std::string& where);
  Problems& problems() { return problems_; }
  bool partial() const { return partial_; }

 private:
  struct Spot {  // the option a value is meant for
    const Node& node;
    const Option& option;
    std::string name;  // "[limits] idle_ms"
  };
  bool is(const Spot& spot, Node::Kind kind, std::string_view wanted);
  void put(const Spot& spot, bool& to);
  void put(const Spot& spot, int& to);
  void put(const Spot& spot, std::int64_t& to);
  void put(const Spot& spot, double& to);
  void put(const Spot& spot, std::string& to);
  void put(const Spot& spot, Strings& to);
  void put(const Spot& spot, HeaderMap& to);
  void put(const Spot& spot, Points& to);
  bool in_range(const Spot& spot, double value, const std::string& written);
  bool text(const Spot& spot, const Node& node, std::string& to);
  bool secret(const Spot& spot, const Node& node, std::string& to);
  void wrong(const Spot& spot, const Node& node, const std::string& what);
  void warn_of_mode(int file);
  Problems& problems_;
  bool partial_;
  std::vector<int> looked_at_;  // files with a secret in them whose mode was looked at
};

}  // namespace spillway
