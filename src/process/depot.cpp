// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>

#include "os/unix_socket.hpp"
#include "process/depot_process.hpp"
#include "shm/descriptor_depot.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

namespace cohort::process {

namespace {

constexpr int kMostStarts = 10;

/// A connection to the depot.
class Counter {
public:
    explicit Counter(Descriptor socket) : socket_(std::move(socket)) {
        if (!os::peer_is_own(socket_.get()))
            throw Error("the name of this program's process for descriptors in queues is another user's");
    }

    struct Answer {
        DepotReply reply;
        std::vector<Descriptor> descriptors;
    };

    Answer ask(const DepotRequest& request, std::span<const int> descriptors = {}) const {
        os::send_whole(socket_.get(), std::as_bytes(std::span(&request, 1)), descriptors);
        Answer answer{};
        auto received = os::receive_message(socket_.get(), std::as_writable_bytes(std::span(&answer.reply, 1)));
        if (received.size != sizeof answer.reply)
            throw Error("the process that keeps the descriptors of messages in queues has ended");
        answer.descriptors = std::move(received.descriptors);
        return answer;
    }

private:
    Descriptor socket_;
};

std::optional<Counter> reach() try {
    return Counter(os::unix_connect(depot_address(), Deadline(forever)));
} catch (const std::system_error& error) {
    if (error.code() != std::errc::connection_refused) throw;
    return std::nullopt;
}

class Depot final : public shm::DescriptorDepot {
public:
    void leave(shm::BlockName object, std::span<const int> descriptors) override {
        auto counter = reach();
        // Another process may have started one that does not listen yet.
        for (int starts = 0; !counter && starts != kMostStarts; ++starts) {
            start_depot();
            counter = reach();
        }
        if (!counter) throw Error("the process that keeps the descriptors of messages in queues ends at once");
        while (!descriptors.empty()) {
            const auto portion = descriptors.first(std::min(descriptors.size(), kDepotPortion));
            const int error = counter->ask({DepotRequest::leave, object}, portion).reply.error;
            if (error != 0)
                throw std::system_error(error, std::generic_category(), "descriptors of a message in a queue");
            descriptors = descriptors.subspan(portion.size());
        }
    }

    std::vector<Descriptor> collect(shm::BlockName object) override {
        std::vector<Descriptor> all;
        if (const auto counter = reach()) {
            for (std::uint32_t left = 1; left != 0;) {
                auto answer = counter->ask({DepotRequest::collect, object});
                if (answer.reply.error != 0) break;
                std::move(answer.descriptors.begin(), answer.descriptors.end(), std::back_inserter(all));
                left = answer.reply.left;
            }
        }
        if (all.empty()) throw_gone();
        return all;
    }

    Descriptor copy(shm::BlockName object) override {
        const auto counter = reach();
        auto answer = counter ? counter->ask({DepotRequest::copy, object}) : Counter::Answer{};
        if (answer.descriptors.empty()) throw_gone();
        return std::move(answer.descriptors.front());
    }

private:
    [[noreturn]] static void throw_gone() {
        throw Error("the descriptors of this message are gone: the process that kept them has ended");
    }
};

}  // namespace

}  // namespace cohort::process

namespace cohort::shm {

DescriptorDepot& descriptor_depot() {
    static process::Depot depot;
    return depot;
}

}  // namespace cohort::shm
