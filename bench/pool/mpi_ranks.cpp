// SPDX-License-Identifier: MIT
// pool_mpi TASKS: rank 0 gives tasks to the other ranks, a few ahead to each, and prints how many thousand a second.
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "support/workload.hpp"

namespace {

// So many tasks are under way to each worker. More were no faster.
constexpr long kAhead = 64;

struct Item {
    long index;  // negative: there are no more
    long value;
};

void send(const Item& item, int rank) {
    MPI_Send(&item, sizeof item, MPI_BYTE, rank, 0, MPI_COMM_WORLD);
}

int receive(Item& item, int rank) {
    MPI_Status status;
    MPI_Recv(&item, sizeof item, MPI_BYTE, rank, 0, MPI_COMM_WORLD, &status);
    return status.MPI_SOURCE;
}

void work() {
    for (Item item{};;) {
        receive(item, 0);
        if (item.index < 0) return;
        item.value *= item.value;
        send(item, 0);
    }
}

bool manage(int workers, long tasks) {
    std::vector<long> squares(static_cast<std::size_t>(tasks));
    const double time = bench::seconds([&] {
        long sent = 0;
        for (; sent != kAhead * workers && sent != tasks; ++sent)
            send({sent, sent}, static_cast<int>(sent % workers) + 1);
        for (long done = 0; done != tasks; ++done) {
            Item item{};
            const int worker = receive(item, MPI_ANY_SOURCE);
            squares[static_cast<std::size_t>(item.index)] = item.value;
            if (sent == tasks) continue;
            send({sent, sent}, worker);
            ++sent;
        }
    });
    for (int rank = 1; rank <= workers; ++rank) send({-1, 0}, rank);
    std::printf("%f\n", static_cast<double>(tasks) / time / 1e3);
    for (long i = 0; i != tasks; ++i)
        if (squares[static_cast<std::size_t>(i)] != i * i) return false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0;
    int ranks = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc != 2 || ranks < 2) return 2;
    const bool right = rank != 0 || manage(ranks - 1, std::strtol(argv[1], nullptr, 10));
    if (rank != 0) work();
    MPI_Finalize();
    return right ? 0 : 1;
}
