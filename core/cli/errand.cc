#include "cli/errand.h"

namespace spillway {

Errand::Errand() : deadline_(loop_, *this), dialer_(Dialer::create(loop_)), pool_(loop_, *dialer_, Pool::Options{}) {}

void Errand::done() { deadline_.arm(0); }

void Errand::on_deadline(Deadline&) {
  pool_.close();
  dialer_->close();
  loop_.close();
}

}  // namespace spillway
