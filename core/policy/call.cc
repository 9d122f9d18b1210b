#include "policy/call.h"

#include "base/log.h"

namespace spillway {

namespace {
constexpr std::uint32_t kComplaintsMax = 10;  // log lines about one plugin's misuse, per worker and generation
}

HostCall::HostCall(PolicyWorker& to, std::size_t which, Hook during, Chain* of_chain, std::size_t at)
    : worker(to), policy(which), hook(during), chain(of_chain), slot(at) {
  PolicyWorker::Slot& own = mine();
  call.size = sizeof call;
  call.host = &host_table();
  call.conf = own.policy->conf.data();
  call.worker = own.block.get();
  call.request = chain == nullptr ? nullptr : request().block;
  call.internal = this;
}

HostCall* HostCall::of(const spw_call* call) {
  // A plugin that passes anything but the call it was given has broken memory already.
  CHECK(call != nullptr && call->internal != nullptr);
  return static_cast<HostCall*>(call->internal);
}

bool HostCall::allowed(std::uint32_t hooks, const char* function) {
  if ((hooks & bit(hook)) != 0) return true;
  mine().errors->add();
  if (mine().complaints++ < kComplaintsMax) {
    log_line(Level::warn, "a policy called a host function where it may not", {{"policy", name()}, {"function", function}});
  }
  return false;
}

spw_str HostCall::keep(std::shared_ptr<const std::string> value) {  // why: see the header
  const spw_str shown{value->data(), value->size()};
  kept_.push_back(std::move(value));
  return shown;
}

spw_str HostCall::keep(std::string value) {
  return keep(std::make_shared<const std::string>(std::move(value)));  // why: one list for both kinds
}

}  // namespace spillway
