// SPDX-License-Identifier: MIT
#include "pool/nursery_plan.hpp"

#include "os/process_identity.hpp"

#include <cohort/serial/codec.hpp>
#include <cohort/serial/token.hpp>

#include <utility>

namespace cohort::pool {

void PlannedCall::make() const {
    if (here) return here->call();
    if (bytes.empty()) return;
    serial::Source in(bytes, serial::Trust::channel);
    ReceivedHandles brought;
    in.set_carrier(&brought);
    const serial::Token token = serial::read_token(in);
    serial::resolve(token, detail::kTargetRole)(in, nullptr);
}

void PlannedCall::encode() {
    if (!here) return;
    serial::BufferSink call;
    handles = std::make_shared<TaskHandles>();
    call.set_carrier(handles.get());
    const serial::Token token = std::exchange(here, nullptr)->write(call);
    serial::BufferSink whole;
    serial::write_token(whole, token);
    whole.write(call.bytes().data(), call.size());
    bytes.assign(whole.bytes().begin(), whole.bytes().end());
}

namespace {

void write_call(serial::Sink& sink, const PlannedCall& call) {
    serial::write(sink, call.bytes.size());
    sink.write(call.bytes.data(), call.bytes.size());
}

PlannedCall read_call(serial::Source& in) {
    PlannedCall call;
    const auto bytes = in.take(serial::read<std::size_t>(in));
    call.bytes.assign(bytes.begin(), bytes.end());
    return call;
}

}  // namespace

void write_plan(serial::Sink& sink, const NurseryPlan& plan) {
    serial::write(sink, plan.identity);
    serial::write(sink, plan.worker_name);
    serial::write(sink, plan.order.place);
    serial::write(sink, plan.order.owner.raw());
    serial::write(sink, plan.order.tasks);
    serial::write(sink, plan.order.memory_limit);
    serial::write(sink, plan.order.pin_cpus);
    serial::write(sink, plan.order.memory_recycle);
    serial::write(sink, plan.order.idle_timeout.count());
    serial::write(sink, plan.method);
    serial::write(sink, plan.env);
    write_call(sink, plan.initializer);
    write_call(sink, plan.exit);
}

NurseryPlan read_plan(serial::Source& in) {
    NurseryPlan plan;
    plan.identity = serial::read<process::ChildIdentity>(in);
    plan.worker_name = serial::read<std::string>(in);
    plan.order.place = serial::read<std::uint32_t>(in);
    plan.order.owner = shm::Owner::from_raw(serial::read<std::uint32_t>(in));
    plan.order.tasks = serial::read<std::size_t>(in);
    plan.order.memory_limit = serial::read<std::size_t>(in);
    plan.order.pin_cpus = serial::read<bool>(in);
    plan.order.memory_recycle = serial::read<std::size_t>(in);
    plan.order.idle_timeout = std::chrono::nanoseconds(serial::read<std::chrono::nanoseconds::rep>(in));
    plan.method = serial::read<StartMethod>(in);
    plan.env = serial::read<std::map<std::string, std::string>>(in);
    plan.initializer = read_call(in);
    plan.exit = read_call(in);
    return plan;
}

process::ChildIdentity worker_identity(const NurseryPlan& plan, unsigned number) {
    process::ChildIdentity identity = plan.identity;
    identity.path.push_back(number);
    identity.name = plan.worker_name + "-" + std::to_string(number);
    identity.creator_pid = os::current_pid();
    identity.created_by_main_thread = true;
    identity.line = 0;
    return identity;
}

}  // namespace cohort::pool
