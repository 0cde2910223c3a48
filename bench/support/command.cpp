// SPDX-License-Identifier: MIT
#include "support/command.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace bench {

double figure_of_command(const std::string& command) {
    std::fflush(nullptr);
    std::FILE* const output = ::popen(command.c_str(), "r");
    if (output == nullptr) throw std::runtime_error("popen");
    double figure = 0;
    const bool found = std::fscanf(output, "%lf", &figure) == 1;
    if (::pclose(output) != 0 || !found) throw std::runtime_error("no figure from: " + command);
    return figure;
}

std::string word_of_command(const std::string& command) {
    std::FILE* const output = ::popen(command.c_str(), "r");
    if (output == nullptr) return {};
    char word[64] = {};
    const bool found = std::fscanf(output, "%63s", word) == 1;
    return ::pclose(output) == 0 && found ? word : "";
}

double figure_of_python(const std::string& program, const std::string& arguments) {
    return figure_of_command("python3 -c \"" + program + "\" " + arguments);
}

bool has_python() {
    static const bool has = std::system("python3 -c '' 2>/dev/null") == 0;
    return has;
}

}  // namespace bench
