// SPDX-License-Identifier: MIT
// Requests to a manager's server out of arbitrary bytes, of three clients and with timers and ends of clients between
// them: each is answered once or waits, every answer is a message that can be read, and no request takes memory out of
// proportion to it and to what there is already. Each request has its length before it, and a byte that says whose it
// is.
#include "manager/server/dispatcher.hpp"
#include "allocations.hpp"
#include "manager/types/slices.hpp"

#include <cohort/serial/pickle.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cohort;
using namespace cohort::manager;

constexpr std::size_t kMuch = std::size_t{16} << 20;

struct Answered : ReplyTo {
    void take(Answer taken) override {
        fuzz::require(!answer);
        answer = std::move(taken);
    }
    std::optional<Answer> answer{};
};

class ManualTimers final : public Timers {
public:
    Id call_at(Deadline::Clock::time_point, std::function<void()> callback) override {
        callbacks_.emplace_back(++last_, std::move(callback));
        return last_;
    }
    void cancel(Id id) noexcept override {
        std::erase_if(callbacks_, [&](const auto& each) { return each.first == id; });
    }
    void run_all() {
        for (const auto& [id, callback] : std::exchange(callbacks_, {})) callback();
    }

private:
    std::vector<std::pair<Id, std::function<void()>>> callbacks_;
    Id last_ = 0;
};

struct AtOnce final : Workers {
    void run(std::function<std::function<void()>()> work) override { work()(); }
};

class World {
public:
    World() : dispatcher_(built_in_types(timers_), "/address", {workers_, [] {}}) {
        for (std::size_t i = 0; i < peers_.size(); ++i) reset(i);
        handle(pickle::dumps(Object::tuple({Object(), "create", Object::tuple({"list"}), Object::dict()})), 0);
        const Object made = pickle::loads(dispatcher_.encode(*waiting_.at(0)->answer, peers_.at(0)).content());
        prefix_ = made[1][0].str();
        prefix_.pop_back();
        waiting_.clear();
    }

    void step(std::uint8_t what, std::string request) {
        const std::size_t client = what % peers_.size();
        if (what & 0x80U) return leave(client);
        if (what & 0x40U) return timers_.run_all();
        name_objects(request);
        handle(std::as_bytes(std::span(request)), client);
        for (const auto& each : waiting_)
            if (each->answer) check(std::move(*each->answer), client);
        std::erase_if(waiting_, [](const auto& each) { return each->answer.has_value(); });
    }

private:
    void reset(std::size_t client) {
        peers_[client] = {static_cast<ClientId>(client + 1), static_cast<HolderId>(client + 1), client != 0, false};
    }
    void leave(std::size_t client) {
        dispatcher_.objects().client_gone(peers_[client].client);
        dispatcher_.objects().holder_gone(peers_[client].holder);
        reset(client);
    }
    // Names of objects begin with random bytes, which no input can know.
    void name_objects(std::string& request) const {
        for (auto at = request.find(kPlaceholder); at != std::string::npos; at = request.find(kPlaceholder, at + 1))
            request.replace(at, kPlaceholder.size(), prefix_);
    }
    void handle(std::span<const std::byte> request, std::size_t client) {
        waiting_.push_back(std::make_shared<Answered>());
        dispatcher_.handle(request, peers_[client], waiting_.back());
    }
    void check(Answer answer, std::size_t client) {
        const Object message = pickle::loads(dispatcher_.encode(std::move(answer), peers_[client]).content());
        fuzz::require(message.is(Object::Kind::tuple) && message.size() == 2 && message[0].str().starts_with('#'));
    }

    static constexpr std::string_view kPlaceholder = "cohortprefix";

    ManualTimers timers_;
    AtOnce workers_;
    Dispatcher dispatcher_;
    std::array<Peer, 3> peers_;
    std::vector<std::shared_ptr<Answered>> waiting_;
    std::string prefix_;
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    most_elements_made = 10000;
    static_cast<void>(Object(1).hash());
    fuzz::watch_allocations();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    World world;
    while (bytes.size() > 3) {
        const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
        const std::uint8_t what = at(0);
        const std::size_t length = at(1) + 256U * at(2);
        bytes.remove_prefix(3);
        std::string request(bytes.substr(0, length));
        bytes.remove_prefix(request.size());
        fuzz::largest_allocation = 0;
        world.step(what, std::move(request));
        fuzz::require(fuzz::largest_allocation <= 4 * kMuch);
        if (fuzz::largest_allocation > kMuch) break;  // what is doubled again and again is soon too much
    }
    return 0;
}
