// SPDX-License-Identifier: MIT
// Locks, hand-overs between processes, shared values, the death of a holder and the price of waiting.
#include <cstdlib>

#include "support/workload.hpp"
#include "sync/contenders.hpp"

namespace {

using bench::Place;
using Kind = bench::Goal::Kind;

constexpr std::size_t kGiB = std::size_t{1} << 30;
constexpr int kStepsOutside = 50;

struct RivalryRow {
    std::string text;
    bench::Rivalry rivalry;
};

struct MeetingRow {
    std::string text;
    bench::Meeting meeting;
};

class Table {
public:
    explicit Table(std::vector<bench::Family> families) : families_(std::move(families)) {}

    /// A case of each contender of all families.
    /// @param list  the member of Family that holds them
    template <class Contender, class Run>
    void add(std::vector<Contender> bench::Family::*list, const std::string& text, const char* unit, Run run) {
        for (const bench::Family& family : families_)
            for (const Contender& contender : family.*list)
                workload.add({contender.name + ", " + text, unit, [=] { return run(contender); }});
    }
    /// What is promised of one contender and another one in the same row.
    void promise(const std::string& of, const std::string& to, const std::string& text, double bound, Kind kind) {
        workload.add({of + " against " + to + ", " + text, of + ", " + text, to + ", " + text, bound, kind});
    }

    bench::Workload workload{"sync", "Locks and shared values between processes"};

private:
    std::vector<bench::Family> families_;
};

void add_locks(Table& table) {
    table.add(&bench::Family::locks, "alone", "ns", [](const bench::LockContender& lock) { return lock.alone(); });
    table.promise("cohort Lock", "robust mutex", "alone", 1.2, Kind::at_most);
    std::vector<RivalryRow> rows = {{"two processes", {Place::anywhere}},
                                    {"two processes, work outside", {Place::anywhere, kStepsOutside}}};
    if (bench::has_two_cores()) {
        rows.push_back({"two processes, pinned", {Place::two_cores}});
        rows.push_back({"two processes, pinned, work outside", {Place::two_cores, kStepsOutside}});
    }
    for (const auto& [text, rivalry] : rows) {
        table.add(&bench::Family::locks, text, "M/s",
                  [rivalry = rivalry](const bench::LockContender& lock) { return lock.contend(rivalry); });
        table.promise("cohort Lock", "robust mutex", text, 0.9, Kind::at_least);
    }
}

void add_turns(Table& table) {
    std::vector<MeetingRow> rows = {{"hand-over, same core", {Place::same_core, false}}};
    if (bench::has_two_cores()) {
        rows.push_back({"hand-over, two cores", {Place::two_cores, false}});
        rows.push_back({"hand-over, two cores, asleep", {Place::two_cores, true}});
    }
    for (const auto& [text, meeting] : rows) {
        table.add(&bench::Family::turns, text, "us",
                  [meeting = meeting](const bench::TurnContender& turns) { return turns.run(meeting); });
        for (const char* of : {"cohort Semaphore", "cohort Event", "cohort Condition"})
            table.promise(of, "raw futex", text, 1.3, Kind::at_most);
    }
}

void add_values(Table& table) {
    auto plainly = [](const bench::PlainContender& contender) { return contender.run(); };
    table.add(&bench::Family::increments, "+= 1 under its lock", "ns", plainly);
    table.promise("cohort Value", "robust mutex", "+= 1 under its lock", 1.2, Kind::at_most);
    table.add(&bench::Family::additions, "fetch_add", "ns", plainly);
    // They are the same instruction: two runs of one loop differ by that much.
    table.promise("cohort Value", "std::atomic", "fetch_add", 1.05, Kind::at_most);
    table.add(&bench::Family::copies, "8 MB there and back", "GB/s", plainly);
    table.promise("cohort Array", "memcpy", "8 MB there and back", 0.95, Kind::at_least);
}

void add_deaths(Table& table) {
    for (const std::size_t touched : {std::size_t{0}, kGiB}) {
        const std::string text = touched == 0 ? "death of the holder" : "death of a holder with 1 GiB";
        table.add(&bench::Family::deaths, text, "us",
                  [=](const bench::DeathContender& contender) { return contender.run(touched); });
        table.promise("cohort Lock", "robust mutex", text, 1.5, Kind::at_most);
    }
}

void add_idlers(Table& table) {
    const std::string text = "idle, each of 100 waiters";
    table.add(&bench::Family::idlers, text, "ppm core", [](const bench::PlainContender& idler) { return idler.run(); });
    for (const char* of : {"cohort Lock", "cohort Event"})
        table.workload.add({of + std::string(", ") + text, of + std::string(", ") + text, "", 1000, Kind::at_most});
}

}  // namespace

int main(int argc, char** argv) {
    const bool has_python = std::system("python3 -c '' 2>/dev/null") == 0;
    std::vector<bench::Family> families{bench::bare_family(), bench::pthread_family(), bench::cohort_family()};
    if (has_python) families.push_back(bench::python_family());
    Table table(std::move(families));
    add_locks(table);
    add_turns(table);
    add_values(table);
    add_deaths(table);
    add_idlers(table);
    if (!has_python) table.workload.skip("CPython", "no python3");
    if (!bench::has_two_cores()) table.workload.skip("two cores", "this process may use one only");
    return table.workload.run(argc, argv);
}
