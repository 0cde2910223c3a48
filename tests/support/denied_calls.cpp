// SPDX-License-Identifier: MIT
#include "support/denied_calls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace cohort::test {

namespace {

/// COHORT_DENIED_CALLS=<errno>:<call>:<call>…, set by deny_calls.
class DeniedCalls : public testing::EmptyTestEventListener {
public:
    explicit DeniedCalls(const char* setting) {
        std::istringstream words(setting);
        std::string word;
        std::getline(words, word, ':');
        error_text_ = std::strerror(std::stoi(word));
        while (std::getline(words, word, ':')) calls_.push_back(word);
    }

    bool explain_all() const { return unexplained_ == 0; }

private:
    void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed() && !explains(result.message())) ++unexplained_;
    }

    bool explains(const std::string& message) const {
        auto named = [&](const std::string& call) { return message.find(call + " ") != std::string::npos; };
        return message.starts_with("C++ exception") && message.find(error_text_) != std::string::npos &&
               std::any_of(calls_.begin(), calls_.end(), named);
    }

    std::string error_text_;
    std::vector<std::string> calls_;
    int unexplained_ = 0;
};

DeniedCalls* installed = nullptr;

}  // namespace

void accept_errors_that_name_denied_calls() {
    const char* setting = std::getenv("COHORT_DENIED_CALLS");
    if (!setting) return;
    installed = new DeniedCalls(setting);
    testing::UnitTest::GetInstance()->listeners().Append(installed);  // the framework deletes it
}

bool denied_calls_explain_all_failures() {
    return installed && installed->explain_all();
}

}  // namespace cohort::test
