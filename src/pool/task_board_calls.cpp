// SPDX-License-Identifier: MIT
// What a TaskBoard has of calls for which no job was made yet, and of the callables that they have in common.
#include "pool/task_board.hpp"

#include <cohort/pool/detail/async_call.hpp>

#include <cstring>
#include <utility>

namespace cohort::pool {

namespace {

detail::SentCall& sent(detail::AsyncCall& call) noexcept {
    return static_cast<detail::SentCall&>(call.call());  // a Pool makes no calls of another kind
}

}  // namespace

void TaskBoard::add(detail::AsyncCall& call) {
    ++asynchronous_;
    ++calls_;
    unfinished_.push(call);
}

// Its first task is next: now it needs a job.
void TaskBoard::take_up(detail::AsyncCall& call) {
    try {
        keep(job_of(call));
    } catch (...) {
        return cancel(call, std::current_exception());
    }
    Job& job = *jobs_.back();
    unfinished_.replace(call, job);
    --calls_;
    call.set_job(&job);
    job.async = call.let_go();
    job.is_async = true;
    if (job.shelved) ++job.shelved->users;
}

std::shared_ptr<Job> TaskBoard::job_of(detail::AsyncCall& call) {
    detail::SentCall& its = sent(call);
    if (its.baggage() == detail::Baggage::none) {
        scratch_.clear();
        const serial::Token body = its.write_callable(scratch_, target_);
        const auto key = CallableKey::of(body, scratch_.bytes());
        if (ShelvedCallable* const shelved = key ? shelve(*key) : nullptr) return job_of(its, *shelved);
    }
    return std::make_shared<Job>(its, detail::JobOptions{}, 1, target_);
}

// Tiny calls come by the million: their jobs are used again.
std::shared_ptr<Job> TaskBoard::job_of(detail::SentCall& call, ShelvedCallable& shelved) {
    if (spare_.empty()) return std::make_shared<Job>(call, target_, shelved);
    auto job = std::move(spare_.back());
    spare_.pop_back();
    job->renew(call, shelved);
    return job;
}

// Null: there is no room for it.
ShelvedCallable* TaskBoard::shelve(const CallableKey& key) {
    if (ShelvedCallable* const found = shelf_.find(key)) return found;
    ShelvedCallable* const room = shelf_.room();
    if (!room || (!room->is_there && free_lines_.empty())) return nullptr;
    serial::BufferSink bytes;
    write_callable(key.body(), key.captures(), bytes);
    const shm::BlockId block = write_block(bytes);
    if (room->is_there) {
        shm::LendingArena::give_back(memory_.segment(), room->block);
    } else {
        room->line = free_lines_.back();
        free_lines_.pop_back();
    }
    room->key = key;
    room->block = block;
    room->is_there = true;
    announce(room->line, block, bytes.size());
    return room;
}

std::shared_ptr<detail::AsyncCall> TaskBoard::dismiss(detail::AsyncCall& call) noexcept {
    unfinished_.remove(call);
    --calls_;
    --asynchronous_;
    return call.let_go();
}

void TaskBoard::cancel(detail::AsyncCall& call, const std::exception_ptr& error) {
    call.fail(error);
    ended_.push_back(dismiss(call));
}

shm::BlockId TaskBoard::write_block(const serial::BufferSink& bytes) {
    const shm::BlockId block = arena_.allocate(bytes.size());
    std::memcpy(shm::LendingArena::data(memory_.segment(), block), bytes.bytes().data(), bytes.size());
    return block;
}

void TaskBoard::announce(std::uint32_t number, shm::BlockId block, std::size_t size) noexcept {
    JobLine& line = memory_.job(number);
    ++line.generation;
    line.block = block.raw;
    line.size = size;
}

}  // namespace cohort::pool
