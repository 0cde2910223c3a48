// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace bench {

using Value = std::vector<std::byte>;

/// A client of a server that keeps a value under a key.
class Client {
public:
    virtual ~Client() = default;
    virtual void set(const Value& value) = 0;
    virtual Value get() = 0;
};

/// A server process, ended with this object.
class Service {
public:
    virtual ~Service() = default;
    virtual std::unique_ptr<Client> connect() = 0;
    virtual pid_t pid() const = 0;
};

/// Starts a server, which runs where the calling thread does.
using Start = std::function<std::unique_ptr<Service>()>;

/// On which cores the client and the server run.
enum class Place { one_core, two_cores, anywhere };
enum class Operation { get, set };

/// Calls of one client, one after the other.
struct Calls {
    Place place = Place::one_core;
    Operation operation = Operation::get;
    std::size_t bytes = 32;
    int count = 1;
};

/// Microseconds a call. @throws std::runtime_error  the value that came back is another
double time_of_calls(const Start& start, const Calls& calls);
/// Microseconds of a processor, of client and server, a call.
double work_of_calls(const Start& start, const Calls& calls);

/// What came of many clients, each a process that gets the value as often as it can.
struct CrowdResult {
    double thousands_a_second = 0;
    double most_to_least = 0;  ///< calls of the client with the most, of the one with the least
};
CrowdResult run_crowd(const Start& start, int clients);

/// Percent of a core that a server uses whose clients, 100, have all called it and say nothing more.
double idle_percent(const Start& start);

/// KiB of the server's memory for each of 10,000 connections that say nothing. The kernel's memory is not in it.
double cohort_idle_connection();

// The competitors; an empty function is one that is not there.
/// @param shares  goes through shared memory, as it does by itself
Start cohort_service(bool shares = true);
Start cohort_tcp_service();
/// The least: epoll, and 64 bytes there and back; the value is in it.
Start bare_service();
Start redis_service();
Start redis_tcp_service();
Start grpc_service();
double python_calls(const Calls& calls);
/// @param rate  thousands of calls a second; else the calls of the client with the most, of the one with the least
double python_crowd(int clients, bool rate);

}  // namespace bench
