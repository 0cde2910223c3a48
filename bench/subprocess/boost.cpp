// SPDX-License-Identifier: MIT
#include <stdexcept>
#include <string>

#include "contenders.hpp"

#ifdef COHORT_BENCH_BOOST

#include <boost/process.hpp>

#include <array>

namespace bench {

namespace process = boost::process;

bool has_boost() noexcept {
    return true;
}

void boost_true() {
    process::child child("/bin/true");
    child.wait();
    if (child.exit_code() != 0) throw std::runtime_error("Boost: /bin/true has failed");
}

void boost_capture(std::size_t bytes) {
    process::pipe pipe;
    process::child child("/usr/bin/head", "-c", std::to_string(bytes), "/dev/zero", process::std_out > pipe);
    std::string text;
    std::array<char, 65536> buffer;
    for (int size; (size = pipe.read(buffer.data(), static_cast<int>(buffer.size()))) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(size));
    child.wait();
    if (child.exit_code() != 0 || text.size() != bytes) throw std::runtime_error("Boost has lost something");
}

}  // namespace bench

#else

namespace bench {

bool has_boost() noexcept {
    return false;
}
void boost_true() {}
void boost_capture(std::size_t) {}

}  // namespace bench

#endif
