// What would happen to a request, without sending anything: its route, every candidate in the order it would be tried,
// with the facts that decide and the reason why it would be passed over. The policies are asked as for a real request,
// and let go of it at once.
//
// Thread: the worker's.
#pragma once
#include <string>
#include <string_view>

namespace spillway {

class Worker;
struct Tenure;

// `body`: a chat, completion or embedding request as a client would send it; `key` the name of a [[key]] or empty;
// `tags` as x-spillway-tags has them. JSON; {"error": ...} when no candidate could be asked for it.
std::string explain(Worker& worker, const Tenure& tenure, std::string_view body, std::string_view key,
                    std::string_view tags);

}  // namespace spillway
