// The corpus of HTTP/1.1 cases as data: reads the files of this folder. README.md says what a case looks like;
// corpus.py reads the same files for the end-to-end runner.
#pragma once
#include <string>
#include <vector>

namespace spillway::corpus {

// What is heard of one message: `POST /v1/files [body] end`, or a verdict on its own: a status, "invalid", "cut" ...
struct Item {
  std::string head;
  std::string body;
  bool whole = false;  // the message came to its end
  bool verdict = false;
};

struct Case {
  std::string name;
  std::string place;  // file:line, for messages
  std::string rule;   // RFC section and how binding it is
  std::string bytes;
  std::vector<Item> expect;
  bool close = false;         // requests: the last message ends the connection
  bool open = false;          // requests: ends in the middle of another message
  bool fin = false;           // replies: the peer closes after the bytes
  bool head_request = false;  // replies: to HEAD
  bool reuse = true;          // replies: the connection may serve another request
};

// Every case of every file whose name begins with `prefix`. A file that can't be read is an error text in `error`.
std::vector<Case> load(const std::string& folder, const std::string& prefix, std::string& error);

// As http_feed writes it down: messages and verdicts joined by "; ".
std::string heard(const Case& item);

// The text of a data line with its escapes undone. False: an escape that does not exist.
bool unescape(const std::string& text, std::string& out);

}  // namespace spillway::corpus
