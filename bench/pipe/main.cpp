// SPDX-License-Identifier: MIT
// Messages there and back over a pipe: small ones, whose time is that of system calls and wakes, and large ones.
#include <functional>
#include <string>

#include "contenders.hpp"
#include "support/command.hpp"
#include "support/workload.hpp"

namespace {

using Contender = double (*)(const bench::Trips&);

struct Row {
    std::string text;
    bench::Trips trips;
};

void add(bench::Workload& workload, const std::string& name, const Row& row, Contender contender) {
    workload.add({name + ", " + row.text, "us", [=] { return contender(row.trips); }});
}

}  // namespace

int main(int argc, char** argv) {
    bench::Workload workload("pipe", "A message there and back between two processes");
    const bool has_python = bench::has_python();
    const Row rows[] = {{"64 B, same core", {bench::Place::same_core, 64, 20000}},
                        {"64 B, two cores", {bench::Place::two_cores, 64, 5000}},
                        {"1 MiB, two cores", {bench::Place::two_cores, std::size_t{1} << 20, 100}},
                        {"100 MB, two cores", {bench::Place::two_cores, 100'000'000, 1}}};
    for (const Row& row : rows) {
        const bool small = row.trips.bytes == 64;
        if (small) add(workload, "bare packets", row, bench::bare_packets);
        add(workload, "bare stream", row, bench::bare_stream);
        if (small) add(workload, "cohort, a value", row, bench::cohort_values);
        add(workload, "cohort, bytes", row, bench::cohort_bytes);
        if (has_python) add(workload, "CPython, bytes", row, bench::python_bytes);
        if (small) {
            workload.add({"value against bare packets, " + row.text, "cohort, a value, " + row.text,
                          "bare packets, " + row.text, 1.1});
            workload.add({"value against a bare stream, " + row.text, "cohort, a value, " + row.text,
                          "bare stream, " + row.text, 1.1});
        }
    }
    if (!has_python) workload.skip("CPython", "no python3");
    return workload.run(argc, argv);
}
