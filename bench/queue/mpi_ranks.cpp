// SPDX-License-Identifier: MIT
// queue_mpi BYTES MESSAGES pinned|unpinned: rank 0 sends messages to rank 1, which checks them and prints how many a
// second.
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "support/cores.hpp"
#include "support/transport.hpp"
#include "support/workload.hpp"

namespace {

std::size_t message_bytes;

struct MpiEnds {
    using Message = std::vector<std::byte>;
    static Message blank() { return Message(message_bytes); }
    static constexpr bool kProducerEnds = true;

    struct Sender {
        explicit Sender(MpiEnds&) {}
        static void send(const Message& message) {
            MPI_Send(message.data(), static_cast<int>(message.size()), MPI_BYTE, 1, 0, MPI_COMM_WORLD);
        }
    };
    struct Receiver {
        explicit Receiver(MpiEnds&) {}
        static void receive(Message& message) {
            MPI_Recv(message.data(), static_cast<int>(message.size()), MPI_BYTE, 0, 0, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
        }
    };
};

bool is_right(const bench::Received& received, std::uint64_t messages) {
    return received.count == messages && received.sum == messages * (messages + 1) / 2 && received.disorder == 0 &&
           received.torn == 0;
}

bool run(int rank, std::uint64_t messages) {
    bench::TransportOf<MpiEnds> transport;
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) {
        transport.produce(0, messages);
        return true;
    }
    bench::Received received;
    const double time = bench::seconds([&] { received = transport.consume(); });
    std::printf("%f\n", static_cast<double>(messages) / time);
    return is_right(received, messages);
}

}  // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (argc != 4) return 2;
    message_bytes = std::strtoull(argv[1], nullptr, 10);
    if (argv[3] == std::string_view("pinned")) bench::pin(rank);
    const bool right = run(rank, std::strtoull(argv[2], nullptr, 10));
    MPI_Finalize();
    return right ? 0 : 1;
}
