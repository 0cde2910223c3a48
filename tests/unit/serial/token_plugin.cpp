// SPDX-License-Identifier: MIT
// A library that is loaded while the test runs. Where cohort is linked statically, it has a copy of its own.
#include "unit/serial/token_plugin.hpp"

namespace {

struct AddThousand {
    static constexpr std::string_view kRole = "test";
    static void run(cohort::serial::Source&, void* context) { *static_cast<int*>(context) += 1000; }
};

}  // namespace

void plugin_write_token(cohort::serial::Sink& sink) {
    write_token(sink, cohort::serial::token_of<AddThousand>());
}

void plugin_give_token(cohort::serial::Token& token) {
    token = cohort::serial::token_of<AddThousand>();
}

int plugin_triple(int i) {
    return 3 * i;
}
