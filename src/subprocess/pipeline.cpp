// SPDX-License-Identifier: MIT
#include <cohort/subprocess/pipeline.hpp>

#include <cohort/subprocess/popen.hpp>

#include "os/pipe.hpp"
#include "subprocess/conversation.hpp"
#include "subprocess/run_options.hpp"

#include <system_error>
#include <utility>

namespace cohort::subprocess {

namespace {

/// The programs of one call of pipeline(). Those that were started are killed, unless all have ended.
class RunningPipeline {
public:
    RunningPipeline(const std::vector<std::vector<std::string>>& commands, const PopenOptions& options,
                    std::string input)
        : on_out_(options.on_out), on_err_(options.on_err) {
        // Not before all of them have their place: a killed program is waited for when its place is destroyed.
        programs_.reserve(commands.size());
        try {
            start_all(commands, options);
            if (options.in.kind() == Target::Kind::pipe) conversation_.tell(programs_.front().in(), std::move(input));
        } catch (...) {
            kill();
            throw;
        }
    }

    /// @returns false when the time is up
    bool run(const Deadline& deadline) {
        if (!conversation_.go_on(deadline)) return false;
        for (Popen& program : programs_)
            if (!ends(program, deadline)) return false;
        return true;
    }

    /// All of them, though one may have become another user's.
    void kill() noexcept {
        for (Popen& program : programs_) {
            try {
                program.kill();
            } catch (const std::system_error&) {  // what made this necessary is what is told
            }
        }
    }

    CompletedPipeline result() {
        CompletedPipeline pipeline;
        for (std::size_t i = 0; i != programs_.size(); ++i)
            pipeline.steps.push_back({.args = programs_[i].args(),
                                      .returncode = *programs_[i].returncode(),
                                      .err = errors_[i] ? Conversation::take(*errors_[i]) : std::string(),
                                      .usage = *programs_[i].usage()});
        if (output_) pipeline.steps.back().out = Conversation::take(*output_);
        return pipeline;
    }

    TimeoutExpired expired(Timeout timeout) const {
        std::vector<std::string> words;
        std::string errors;
        for (std::size_t i = 0; i != programs_.size(); ++i) {
            if (i != 0) words.emplace_back("|");
            words.insert(words.end(), programs_[i].args().begin(), programs_[i].args().end());
            if (errors_[i]) errors += Conversation::collected(*errors_[i]);
        }
        return {std::move(words), timeout, output_ ? Conversation::collected(*output_) : std::string(),
                std::move(errors)};
    }

private:
    void start_all(const std::vector<std::vector<std::string>>& commands, const PopenOptions& options) {
        Descriptor from_previous;
        for (const std::vector<std::string>& command : commands) {
            const bool is_last = &command == &commands.back();
            PopenOptions step = options;
            step.on_out = {};
            step.on_err = {};
            if (options.on_err) step.err = PIPE;
            if (is_last && options.on_out) step.out = PIPE;
            if (from_previous) step.in = from_previous;
            os::PipeEnds next;
            if (!is_last) {
                next = os::make_pipe();
                if (options.pipesize != 0) os::set_pipe_size(next.write.get(), options.pipesize);
                step.out = next.write;
            }
            add(command, step, is_last);
            from_previous = std::move(next.read);
        }
    }

    void add(const std::vector<std::string>& command, const PopenOptions& step, bool is_last) {
        Popen& program = programs_.emplace_back(command, step);
        StreamReader* err = step.err.kind() == Target::Kind::pipe ? &program.err() : nullptr;
        errors_.push_back(err);
        if (err) conversation_.listen(*err, on_err_);
        if (!is_last || step.out.kind() != Target::Kind::pipe) return;
        output_ = &program.out();
        conversation_.listen(*output_, on_out_);
    }

    static bool ends(Popen& program, const Deadline& deadline) {
        try {
            program.wait(deadline.timeout());
            return true;
        } catch (const TimeoutExpired&) {
            return false;
        }
    }

    const LineFunction& on_out_;
    const LineFunction& on_err_;
    std::vector<Popen> programs_{};
    std::vector<StreamReader*> errors_{};  ///< one for each program; null: not collected
    StreamReader* output_ = nullptr;
    Conversation conversation_{};
};

}  // namespace

std::vector<int> CompletedPipeline::returncodes() const {
    std::vector<int> codes;
    for (const CompletedProcess& step : steps) codes.push_back(step.returncode);
    return codes;
}

int CompletedPipeline::returncode() const {
    int code = 0;
    for (const CompletedProcess& step : steps)
        if (step.returncode != 0) code = step.returncode;
    return code;
}

void CompletedPipeline::check_returncode() const {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) step->check_returncode();
}

CompletedPipeline pipeline(const std::vector<std::vector<std::string>>& commands, RunOptions options) {
    if (commands.empty()) throw ValueError("there are no programs in the pipeline");
    const bool check = options.check;
    const Timeout timeout = options.timeout;
    std::string input;
    if (options.input) input.swap(*options.input);
    const PopenOptions each = popen_options(std::move(options));
    const Deadline deadline(timeout);
    RunningPipeline running(commands, each, std::move(input));
    try {
        if (!running.run(deadline)) throw running.expired(timeout);
    } catch (...) {
        running.kill();
        throw;
    }
    CompletedPipeline completed = running.result();
    if (check) completed.check_returncode();
    return completed;
}

}  // namespace cohort::subprocess
