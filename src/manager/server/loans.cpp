// SPDX-License-Identifier: MIT
#include "manager/server/loans.hpp"

#include <utility>

namespace cohort::manager {

Loans::~Loans() {
    for (const auto& [number, loan] : all_) timers_.cancel(loan.timer);
}

std::uint64_t Loans::add(std::shared_ptr<const Reference> reference) {
    while (all_.size() >= kMost) end(all_.begin()->first, all_.begin()->second.reference->ident());
    const std::uint64_t number = ++last_;
    const auto timer = timers_.call_at(Deadline::Clock::now() + time_, [this, number] { all_.erase(number); });
    all_.emplace(number, Loan{std::move(reference), timer});
    return number;
}

void Loans::end(std::uint64_t number, std::string_view ident) noexcept {
    const auto found = all_.find(number);
    if (found == all_.end() || found->second.reference->ident() != ident) return;
    timers_.cancel(found->second.timer);
    const auto ended = all_.extract(found);  // what ends with it may be much
}

}  // namespace cohort::manager
