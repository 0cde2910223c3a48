// SPDX-License-Identifier: MIT
#include <cohort/subprocess/environment.hpp>

#include "os/environment_variable.hpp"

#include <cstdlib>
#include <string_view>

extern "C" char** environ;

namespace cohort::subprocess {

namespace {

std::string line(const std::string& name, const std::string& value) {
    os::check_environment_variable(name, value);
    return name + "=" + value;
}

}  // namespace

Environment Environment::extend(Changes changes) {
    Environment environment;
    environment.changes_ = std::move(changes);
    return environment;
}

std::optional<std::vector<std::string>> Environment::lines() const {
    if (!variables_ && changes_.empty()) return std::nullopt;
    std::vector<std::string> lines;
    if (variables_) {
        for (const auto& [name, value] : *variables_) lines.push_back(line(name, value));
        return lines;
    }
    for (char** variable = environ; variable && *variable; ++variable) {
        const std::string_view assignment = *variable;
        if (!changes_.contains(std::string(assignment.substr(0, assignment.find('='))))) lines.emplace_back(assignment);
    }
    for (const auto& [name, value] : changes_) {
        os::check_environment_variable(name, value.value_or(std::string()));
        if (value) lines.push_back(line(name, *value));
    }
    return lines;
}

std::optional<std::string> Environment::find(const std::string& name) const {
    if (variables_) {
        const auto found = variables_->find(name);
        return found == variables_->end() ? std::nullopt : std::optional(found->second);
    }
    if (const auto found = changes_.find(name); found != changes_.end()) return found->second;
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): as the header says
    return value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace cohort::subprocess
