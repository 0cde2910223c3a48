// SPDX-License-Identifier: MIT
// A value in a server: one client, many, and what connections and waiting cost.
#include <string>
#include <vector>

#include "manager/contest.hpp"
#include "support/command.hpp"
#include "support/workload.hpp"

namespace {

using bench::Calls;
using bench::Goal;
using bench::Operation;
using bench::Place;
using bench::Start;

constexpr std::size_t kSmall = 32;
constexpr std::size_t kLarge = std::size_t{1} << 20;

struct Row {
    std::string text;
    Calls calls;
};

struct Contender {
    std::string name;
    Start start;
};

const bool has_python = bench::has_python();

void add_calls(bench::Workload& workload, const Contender& contender, const Row& row) {
    if (!contender.start) return;
    workload.add({contender.name + ", " + row.text, "us", [=] { return time_of_calls(contender.start, row.calls); }});
}

void add_python(bench::Workload& workload, const Row& row) {
    if (!has_python) return;
    Calls calls = row.calls;
    calls.count /= 4;
    workload.add({"CPython, " + row.text, "us", [=] { return bench::python_calls(calls); }});
}

void times_python(bench::Workload& workload, const std::string& row, double bound, const std::string& who = "cohort") {
    workload.add({who + " against CPython, " + row, "CPython, " + row, who + ", " + row, bound, Goal::Kind::at_least});
}

void at_most(bench::Workload& workload, const std::string& other, const std::string& row, double bound,
             const std::string& who = "cohort") {
    workload.add({who + " against " + other + ", " + row, who + ", " + row, other + ", " + row, bound});
}

std::vector<Row> small_rows(Place place, const std::string& text, int count) {
    return {{"get, " + text, {place, Operation::get, kSmall, count}},
            {"set, " + text, {place, Operation::set, kSmall, count}}};
}

void add_all(bench::Workload& workload, const Row& row) {
    for (const auto& each :
         {Contender{"bare server", bench::bare_service()}, Contender{"cohort", bench::cohort_service()},
          Contender{"cohort by socket", bench::cohort_service(false)}, Contender{"Redis", bench::redis_service()},
          Contender{"gRPC", bench::grpc_service()}})
        add_calls(workload, each, row);
    add_python(workload, row);
}

void add_small(bench::Workload& workload) {
    const std::string socket = "cohort by socket";
    for (const Row& row : small_rows(Place::one_core, "one core", 20000)) {
        add_all(workload, row);
        for (const std::string& who : {std::string("cohort"), socket}) {
            at_most(workload, "bare server", row.text, 1.2, who);
            at_most(workload, "Redis", row.text, 1, who);
            times_python(workload, row.text, 2, who);
        }
    }
    for (const Row& row : small_rows(Place::anywhere, "unpinned", 10000)) {
        add_all(workload, row);
        at_most(workload, "Redis", row.text, 1, socket);
        times_python(workload, row.text, 3, socket);
    }
    for (const Row& row : small_rows(Place::two_cores, "two cores", 20000)) {
        add_all(workload, row);
        times_python(workload, row.text, 20);
    }
    const Row tcp{"get over TCP, one core", {Place::one_core, Operation::get, kSmall, 20000}};
    add_calls(workload, {"cohort", bench::cohort_tcp_service()}, tcp);
    add_calls(workload, {"Redis", bench::redis_tcp_service()}, tcp);
    at_most(workload, "Redis", tcp.text, 1);
}

void add_large(bench::Workload& workload) {
    for (const Row& row : {Row{"get, 1 MiB", {Place::two_cores, Operation::get, kLarge, 400}},
                           Row{"set, 1 MiB", {Place::two_cores, Operation::set, kLarge, 400}}}) {
        add_calls(workload, {"cohort", bench::cohort_service()}, row);
        add_calls(workload, {"cohort by socket", bench::cohort_service(false)}, row);
        add_calls(workload, {"Redis", bench::redis_service()}, row);
        add_calls(workload, {"gRPC", bench::grpc_service()}, row);
        add_python(workload, row);
        times_python(workload, row.text, 5);
    }
}

void add_crowds(bench::Workload& workload, int clients) {
    const std::string row = ", " + std::to_string(clients) + " clients";
    for (const auto& each : {Contender{"bare server", bench::bare_service()},
                             Contender{"cohort", bench::cohort_service()}, Contender{"Redis", bench::redis_service()}})
        if (each.start)
            workload.add(
                {each.name + row, "kcalls/s", [=] { return run_crowd(each.start, clients).thousands_a_second; }});
    if (has_python) workload.add({"CPython" + row, "kcalls/s", [=] { return bench::python_crowd(clients, true); }});
    workload.add({"cohort against CPython" + row, "cohort" + row, "CPython" + row, 5, Goal::Kind::at_least});
    const std::string fair = "busiest to idlest" + row;
    workload.add({fair, "x", [=] { return run_crowd(bench::cohort_service(), clients).most_to_least; }});
    if (has_python) workload.add({"CPython, " + fair, "x", [=] { return bench::python_crowd(clients, false); }});
    workload.add({"fairness" + row, fair, "", 2});
}

void add_costs(bench::Workload& workload) {
    for (const Place place : {Place::anywhere, Place::one_core}) {
        const Calls calls{place, Operation::get, kSmall, 10000};
        const std::string row = place == Place::anywhere ? ", work of a get, unpinned" : ", work of a get, one core";
        workload.add({"bare server" + row, "cpu us", [=] { return work_of_calls(bench::bare_service(), calls); }});
        workload.add({"cohort" + row, "cpu us", [=] { return work_of_calls(bench::cohort_service(), calls); }});
        workload.add(
            {"cohort by socket" + row, "cpu us", [=] { return work_of_calls(bench::cohort_service(false), calls); }});
    }
    workload.add({"an idle server with 100 clients", "% core", [] { return idle_percent(bench::cohort_service()); }});
    workload.add({"an idle server", "an idle server with 100 clients", "", 0.1});
    workload.add({"an idle connection of 10,000", "KiB", bench::cohort_idle_connection});
    workload.add({"an idle connection", "an idle connection of 10,000", "", 20});
}

}  // namespace

int main(int argc, char** argv) {
    bench::Workload workload("manager", "Calls of objects that a server process holds");
    add_small(workload);
    add_large(workload);
    for (const int clients : {8, 64}) add_crowds(workload, clients);
    add_costs(workload);
    if (!has_python) workload.skip("CPython", "no python3");
    if (!bench::redis_service()) workload.skip("Redis", "no redis-server, or built without hiredis");
    if (!bench::grpc_service()) workload.skip("gRPC", "built without grpc++");
    return workload.run(argc, argv);
}
