// SPDX-License-Identifier: MIT
#include "subprocess/start.hpp"

#include <cohort/base/errors.hpp>

#include "os/file.hpp"
#include "subprocess/standard_streams.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace cohort::subprocess {

namespace {

constexpr int kLastStream = 2;  // which no pipe is
constexpr const char* kShell = "/bin/sh";
constexpr const char* kDefaultPath = "/bin:/usr/bin";  // where there is no PATH

void require_no_nul(std::string_view text, const char* what) {
    if (text.find('\0') != text.npos) throw ValueError(std::string("there is a NUL in ") + what);
}

std::vector<std::string> arguments_of(const std::vector<std::string>& args, const PopenOptions& options) {
    if (args.empty()) throw ValueError("the arguments of a program begin with its name: there are none");
    for (const std::string& argument : args) require_no_nul(argument, "an argument");
    if (!options.shell) return args;
    std::vector<std::string> arguments{options.executable.empty() ? kShell : options.executable.string(), "-c"};
    arguments.insert(arguments.end(), args.begin(), args.end());
    return arguments;
}

/// The files that a name without a `/` may mean.
std::vector<std::string> search(const std::string& name, const Environment& environment) {
    const std::string path = environment.find("PATH").value_or(kDefaultPath);
    std::vector<std::string> files;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        std::string file = path.substr(begin, end - begin);
        if (!file.empty()) file += '/';
        files.push_back(file.append(name));
        begin = end + 1;
    }
    return files;
}

std::optional<pid_t> group_of(const PopenOptions& options) {
    if (options.process_group && *options.process_group < 0) throw ValueError("a process group has no negative number");
    if (!options.kill_group) return options.process_group;
    if (options.process_group.value_or(0) != 0)
        throw ValueError(
            ".kill_group is for a program that leads its group: .process_group says that it joins another");
    if (options.start_new_session) return options.process_group;
    return 0;
}

std::vector<os::LimitSetting> limits_of(const PopenOptions& options) {
    std::vector<os::LimitSetting> limits;
    for (const ResourceLimit& limit : options.limits)
        limits.push_back(
            {limit.resource,
             {.soft = limit.soft ? limit.soft : limit.hard, .hard = limit.hard ? limit.hard : limit.soft}});
    return limits;
}

/// Those above 2, and of the others those that lead nowhere else.
void pass(const std::vector<int>& numbers, std::vector<os::PassedDescriptor>& to) {
    for (const int number : numbers) {
        const bool is_led = std::any_of(to.begin(), to.end(), [&](const auto& each) { return each.to == number; });
        if (!is_led) to.push_back({number, number});
    }
}

void require_open(int number) {
    if (number < 0) throw ValueError("a descriptor has no negative number: " + std::to_string(number));
    if (number > kLastStream) os::require_open(number);
}

/// Before there are pipes, of which one would get the number of a descriptor that is closed.
void require_open_descriptors(const PopenOptions& options) {
    for (const Target& target : {options.in, options.out, options.err})
        if (target.kind() == Target::Kind::descriptor) require_open(target.descriptor());
    for (const int number : options.pass_fds) require_open(number);
}

void set_accounts(os::Program& program, const PopenOptions& options) {
    if (options.user) program.user = options.user->user();
    if (options.group) program.group = options.group->group();
    if (!options.extra_groups) return;
    program.groups.emplace();
    for (const Account& group : *options.extra_groups) program.groups->push_back(group.group());
}

os::Program program_of(const std::vector<std::string>& args, const PopenOptions& options) {
    require_no_nul(options.cwd.native(), ".cwd");
    require_no_nul(options.executable.native(), ".executable");
    os::Program program;
    program.arguments = arguments_of(args, options);
    program.path = options.executable.empty() ? program.arguments.front() : options.executable.string();
    if (program.path.find('/') == std::string::npos) program.candidates = search(program.path, options.env);
    program.environment = options.env.lines();
    program.parent_death_signal = options.death_signal;
    program.folder = options.cwd.string();
    program.umask = options.umask;
    program.own_session = options.start_new_session;
    program.process_group = group_of(options);
    program.limits = limits_of(options);
    program.default_write_signals = options.restore_signals;
    program.inherits_descriptors = !options.close_fds && options.pass_fds.empty();
    set_accounts(program, options);
    return program;
}

}  // namespace

StartedProgram start(const std::vector<std::string>& args, const PopenOptions& options) {
    os::Program program = program_of(args, options);
    require_open_descriptors(options);
    StandardStreams streams(options);
    program.descriptors = streams.passed();
    pass(options.pass_fds, program.descriptors);
    os::Started started = os::start_program(program);
    return {std::move(started), std::move(streams.in), std::move(streams.out), std::move(streams.err),
            options.kill_group};
}

}  // namespace cohort::subprocess
