// SPDX-License-Identifier: MIT
#include <cohort/subprocess/run.hpp>

#include <stdexcept>
#include <string>

#include "contenders.hpp"

namespace bench {

namespace subprocess = cohort::subprocess;

void cohort_true() {
    if (subprocess::run({"/bin/true"}).returncode != 0) throw std::runtime_error("cohort: /bin/true has failed");
}

void cohort_capture(std::size_t bytes) {
    const std::string text = subprocess::check_output({"head", "-c", std::to_string(bytes), "/dev/zero"});
    if (text.size() != bytes) throw std::runtime_error("cohort has lost something");
}

}  // namespace bench
