// SPDX-License-Identifier: MIT
#include "subprocess/standard_streams.hpp"

#include <cohort/base/errors.hpp>

#include "os/file.hpp"
#include "os/pipe.hpp"

#include <utility>

namespace cohort::subprocess {

namespace {

constexpr int kIn = 0;
constexpr int kOut = 1;
constexpr int kErr = 2;

Target with_lines(const Target& target, const LineFunction& on_line, const char* name) {
    if (!on_line) return target;
    if (target.kind() != Target::Kind::inherited && target.kind() != Target::Kind::pipe)
        throw ValueError(std::string(".on_") + name + " gets lines from a pipe: ." + name +
                         " must be PIPE, or not be given");
    return PIPE;
}

}  // namespace

StandardStreams::StandardStreams(const PopenOptions& options) : pipe_size_(options.pipesize) {
    lead(kIn, options.in, in);
    lead(kOut, with_lines(options.out, options.on_out, "out"), out);
    lead(kErr, with_lines(options.err, options.on_err, "err"), err);
}

void StandardStreams::lead(int stream, const Target& target, Descriptor& ours) {
    switch (target.kind()) {
        case Target::Kind::inherited:
            return;
        case Target::Kind::pipe:
            passed_.push_back({new_pipe(stream, ours), stream});
            return;
        case Target::Kind::null:
            passed_.push_back({null_file(), stream});
            return;
        case Target::Kind::descriptor:
            passed_.push_back({target.descriptor(), stream});
            return;
        case Target::Kind::standard_output:
            if (stream != kErr) throw ValueError("STDOUT is for the standard error of a program only");
            passed_.push_back({standard_output(), stream});
    }
}

/// The program's end.
int StandardStreams::new_pipe(int stream, Descriptor& ours) {
    os::PipeEnds ends = os::make_pipe();
    if (pipe_size_ != 0) os::set_pipe_size(ends.write.get(), pipe_size_);
    const bool reads = stream == kIn;
    ours = std::move(reads ? ends.write : ends.read);
    theirs_.push_back(std::move(reads ? ends.read : ends.write));
    return theirs_.back().get();
}

int StandardStreams::null_file() {
    if (null_ < 0) {
        theirs_.push_back(os::open_null());
        null_ = theirs_.back().get();
    }
    return null_;
}

int StandardStreams::standard_output() const noexcept {
    for (const os::PassedDescriptor& each : passed_)
        if (each.to == kOut) return each.from;
    return kOut;
}

}  // namespace cohort::subprocess
