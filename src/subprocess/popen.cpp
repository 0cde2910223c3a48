// SPDX-License-Identifier: MIT
#include <cohort/subprocess/popen.hpp>

#include "subprocess/child.hpp"
#include "subprocess/conversation.hpp"
#include "subprocess/start.hpp"

#include <csignal>
#include <exception>

namespace cohort::subprocess {

class Popen::State {
public:
    State(std::vector<std::string> args, PopenOptions options)
        : State(start(args, options), std::move(args), std::move(options)) {}

    ~State() {
        if (!child_.is_ours()) return;
        in_.close();
        out_.close();
        err_.close();
        try {
            child_.wait(Deadline(forever));
        } catch (const std::exception&) {  // reaped by somebody else: it has ended
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    const std::vector<std::string>& args() const noexcept { return args_; }
    Child& child() noexcept { return child_; }
    StreamWriter& in() noexcept { return in_; }
    StreamReader& out() noexcept { return out_; }
    StreamReader& err() noexcept { return err_; }
    bool has_in() const noexcept { return has_in_; }
    bool has_out() const noexcept { return has_out_; }
    bool has_err() const noexcept { return has_err_; }

    void communicate(std::string input, const Deadline& deadline, Timeout timeout) {
        begin_conversation(std::move(input));
        if (conversation_->go_on(deadline) && child_.wait(deadline)) return;
        throw TimeoutExpired(args_, timeout, Conversation::collected(out_), Conversation::collected(err_));
    }

private:
    State(StartedProgram program, std::vector<std::string>&& args, PopenOptions&& options)
        : args_(std::move(args)),
          has_in_(program.in),
          has_out_(program.out),
          has_err_(program.err),
          on_out_(std::move(options.on_out)),
          on_err_(std::move(options.on_err)),
          in_(std::move(program.in)),
          out_(std::move(program.out)),
          err_(std::move(program.err)),
          child_(std::move(program.started), program.leads_group) {}

    void begin_conversation(std::string input) {
        if (conversation_ && !input.empty()) throw ValueError("communicate() has its input since the first call");
        if (in_.closed() && !input.empty())
            throw ValueError("there is input for a program whose standard input is no pipe");
        if (conversation_) return;
        conversation_.emplace();
        conversation_->tell(in_, std::move(input));
        conversation_->listen(out_, on_out_);
        conversation_->listen(err_, on_err_);
    }

    const std::vector<std::string> args_;
    const bool has_in_;
    const bool has_out_;
    const bool has_err_;
    const LineFunction on_out_;
    const LineFunction on_err_;
    StreamWriter in_;
    StreamReader out_;
    StreamReader err_;
    std::optional<Conversation> conversation_;
    Child child_;
};

namespace {

template <class Stream>
Stream& pipe_only(Stream& stream, bool is_pipe, const char* name) {
    if (!is_pipe) throw ValueError(std::string(name) + "(): that stream of the program is no pipe");
    return stream;
}

}  // namespace

Popen::Popen(std::vector<std::string> args, PopenOptions options)
    : state_(std::make_unique<State>(std::move(args), std::move(options))) {}
Popen::~Popen() = default;
Popen::Popen(Popen&& other) noexcept = default;
Popen& Popen::operator=(Popen&& other) noexcept = default;

Popen::State& Popen::state() const {
    if (!state_) throw ValueError("the Popen was moved from: it has no program any more");
    return *state_;
}

const std::vector<std::string>& Popen::args() const {
    return state().args();
}

pid_t Popen::pid() const {
    return state().child().pid();
}

std::optional<int> Popen::returncode() const {
    const auto status = state().child().status();
    return status ? std::optional(status->exitcode()) : std::nullopt;
}

StreamWriter& Popen::in() {
    return pipe_only(state().in(), state().has_in(), "in");
}

StreamReader& Popen::out() {
    return pipe_only(state().out(), state().has_out(), "out");
}

StreamReader& Popen::err() {
    return pipe_only(state().err(), state().has_err(), "err");
}

std::optional<int> Popen::poll() {
    state().child().wait(Deadline(std::chrono::seconds(0)));
    return returncode();
}

int Popen::wait(Timeout timeout) {
    if (!state().child().wait(Deadline(timeout))) throw TimeoutExpired(args(), timeout);
    return *returncode();
}

std::pair<std::string, std::string> Popen::communicate(std::string input, Timeout timeout) {
    state().communicate(std::move(input), Deadline(timeout), timeout);
    return {Conversation::take(state().out()), Conversation::take(state().err())};
}

void Popen::send_signal(int signal) {
    state().child().send_signal(signal);
}

void Popen::terminate() {
    send_signal(SIGTERM);
}

void Popen::kill() {
    send_signal(SIGKILL);
}

int Popen::sentinel() const {
    return state().child().sentinel();
}

std::optional<ResourceUsage> Popen::usage() const {
    return state().child().usage();
}

}  // namespace cohort::subprocess
