// SPDX-License-Identifier: MIT
#include "pool/nursery_plan.hpp"

#include "os/process_identity.hpp"

#include <cohort/serial/codec.hpp>
#include <cohort/serial/token.hpp>

#include <utility>

namespace cohort::pool {

void NurseryPlan::call_initializer() const {
    if (initializer) return initializer->call();
    if (initializer_bytes.empty()) return;
    serial::Source in(initializer_bytes, serial::Trust::channel);
    ReceivedHandles brought;
    in.set_carrier(&brought);
    const serial::Token token = serial::read_token(in);
    serial::resolve(token, detail::kTargetRole)(in, nullptr);
}

void NurseryPlan::encode_initializer() {
    if (!initializer) return;
    serial::BufferSink call;
    handles = std::make_shared<TaskHandles>();
    call.set_carrier(handles.get());
    const serial::Token token = std::exchange(initializer, nullptr)->write(call);
    serial::BufferSink whole;
    serial::write_token(whole, token);
    whole.write(call.bytes().data(), call.size());
    initializer_bytes.assign(whole.bytes().begin(), whole.bytes().end());
}

void write_plan(serial::Sink& sink, const NurseryPlan& plan) {
    serial::write(sink, plan.identity);
    serial::write(sink, plan.worker_name);
    serial::write(sink, plan.order.place);
    serial::write(sink, plan.order.owner.raw());
    serial::write(sink, plan.order.tasks);
    serial::write(sink, plan.order.memory_limit);
    serial::write(sink, plan.order.pin_cpus);
    serial::write(sink, plan.method);
    serial::write(sink, plan.initializer_bytes.size());
    sink.write(plan.initializer_bytes.data(), plan.initializer_bytes.size());
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
    plan.method = serial::read<StartMethod>(in);
    const auto bytes = in.take(serial::read<std::size_t>(in));
    plan.initializer_bytes.assign(bytes.begin(), bytes.end());
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
