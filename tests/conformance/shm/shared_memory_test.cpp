// SPDX-License-Identifier: MIT
// Named memory between processes, for each start method.
#include "conformance/start_methods.hpp"

#include <cohort/pool/pool.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/shm/shareable_list.hpp>
#include <cohort/shm/shared_memory.hpp>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace cohort::test {
namespace {

class TestSharedMemory : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestSharedMemory, kEveryStartMethod, name_of);

void write_seven(const SharedMemory& memory) {
    memory.buf()[3] = std::byte{7};
}

TEST_P(TestSharedMemory, across_processes) {
    SharedMemory memory({.create = true, .size = 10});
    EXPECT_EQ(run(write_seven, memory), 0);
    EXPECT_EQ(memory.buf()[3], std::byte{7});
    EXPECT_TRUE(std::filesystem::exists("/dev/shm/" + memory.name()));  // who has only opened it unlinks nothing
    memory.unlink();
}

TEST_P(TestSharedMemory, across_processes_by_name) {
    SharedMemory memory({.create = true, .size = 10});
    auto write = [](const std::string& name) { write_seven(SharedMemory({.name = name})); };
    EXPECT_EQ(run(write, memory.name()), 0);
    EXPECT_EQ(memory.buf()[3], std::byte{7});
    memory.unlink();
}

TEST_P(TestSharedMemory, shareable_list_as_an_argument) {
    ShareableList list({1, "text", none});
    auto change = [](ShareableList& items) {
        items[0] = items[0].as<std::int64_t>() + 1;
        items[2] = items[1];
    };
    EXPECT_EQ(run(change, list), 0);
    EXPECT_EQ(list.items(), (std::vector<ShareableItem>{2, "text", "text"}));
    list.shm().unlink();
}

TEST_P(TestSharedMemory, as_arguments_of_pool_tasks) {
    SharedMemory memory({.create = true, .size = 10});
    ShareableList list({0, 0, 0, 0});
    Pool pool({.processes = 2, .start_method = GetParam()});
    auto mark = [](int index, const SharedMemory& bytes, ShareableList items) {
        bytes.buf()[static_cast<std::size_t>(index)] = std::byte{1};
        items[index] = index;
        return items.name();
    };
    for (int index = 0; index < 4; ++index) EXPECT_EQ(pool.apply(mark, index, memory, list), list.name());
    EXPECT_EQ(list.items(), (std::vector<ShareableItem>{0, 1, 2, 3}));
    EXPECT_EQ(memory.buf()[3], std::byte{1});
    memory.unlink();
    list.shm().unlink();
}

TEST_P(TestSharedMemory, is_a_result_of_a_pool) {
    Pool pool({.processes = 1, .start_method = GetParam()});
    SharedMemory memory = pool.apply([] {
        SharedMemory made({.create = true, .size = 4});
        made.buf()[0] = std::byte{9};
        return made;
    });
    EXPECT_EQ(memory.buf()[0], std::byte{9});
    memory.unlink();
}

// In Python, what a forked child makes is gone with it.
TEST_P(TestSharedMemory, what_a_child_makes_stays_for_the_others) {
    const Mailbox out = mailbox();
    auto make = [](const Mailbox& names) {
        SharedMemory memory({.create = true, .size = 4});
        memory.buf()[0] = std::byte{8};
        names.post(memory.name());
    };
    EXPECT_EQ(run(make, out), 0);
    SharedMemory memory({.name = out.take()});
    EXPECT_EQ(memory.buf()[0], std::byte{8});
    memory.unlink();
}

TEST_P(TestSharedMemory, pickle_unpickle_dead_object) {
    SharedMemory memory({.create = true, .size = 10});
    ShareableList list({1});
    Pool pool({.processes = 1, .start_method = GetParam()});
    memory.unlink();
    list.shm().unlink();
    auto size = [](const SharedMemory& bytes) { return bytes.size(); };
    auto length = [](const ShareableList& items) { return items.size(); };
    for (int kind = 0; kind < 2; ++kind) {
        try {
            kind == 0 ? pool.apply(size, memory) : pool.apply(length, list);
            ADD_FAILURE() << "no error";
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().value(), ENOENT) << error.what();
        }
    }
}

TEST(SharedMemoryCodec, opens_the_same_segment) {
    SharedMemory memory({.create = true, .size = 10});
    serial::BufferSink sink;
    serial::write(sink, std::vector<SharedMemory>{memory, memory});
    serial::Source source(sink.bytes(), serial::Trust::channel);
    const auto found = serial::read<std::vector<SharedMemory>>(source);
    EXPECT_EQ(found.at(1).name(), memory.name());
    memory.unlink();
}

TEST(SharedMemoryCodec, strangers_cannot_name_memory) {
    ShareableList list({1});
    serial::BufferSink sink;
    serial::write(sink, list);
    serial::Source source(sink.bytes());
    EXPECT_THROW(static_cast<void>(serial::read<ShareableList>(source)), SerializationError);
    list.shm().unlink();
}

}  // namespace
}  // namespace cohort::test
