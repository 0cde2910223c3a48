// SPDX-License-Identifier: MIT
#include <cohort/shm/shared_memory.hpp>

#include <cohort/base/errors.hpp>

#include "os/mapping.hpp"
#include "os/memfd.hpp"
#include "os/random.hpp"
#include "os/shared_name.hpp"
#include "shm/name_registrar.hpp"

#include <cerrno>
#include <limits>
#include <mutex>
#include <ostream>
#include <system_error>
#include <utility>

namespace cohort {

struct SharedMemory::State {
    State(std::string the_name, os::FileIdentity the_file, std::size_t bytes)
        : name(std::move(the_name)), file(the_file), size(bytes) {}

    std::string name;
    os::FileIdentity file;
    std::size_t size;
    std::mutex mutex;
    std::shared_ptr<os::Mapping> mapping;  // empty: closed
};

namespace {

constexpr const char* kPrefix = "cohort_";
constexpr std::size_t kRandomBytes = 4;
constexpr std::size_t kLongestName = 255;  // bytes, of a file in any folder

std::string new_name() {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string name = kPrefix;
    for (const char byte : os::random_bytes(kRandomBytes)) {
        name += kDigits[static_cast<unsigned char>(byte) >> 4];
        name += kDigits[static_cast<unsigned char>(byte) & 15];
    }
    return name;
}

/// The name as a file in /dev/shm has it. A slash in front is allowed, as POSIX has it.
std::string file_name(const std::string& name) {
    if (name.find('\0') != std::string::npos) throw ValueError("embedded null character");
    std::string file = name.substr(std::min(name.find_first_not_of('/'), name.size()));
    if (file.size() > kLongestName)
        throw std::system_error(ENAMETOOLONG, std::system_category(), "shm_open '" + name + "'");
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos)
        throw std::system_error(EINVAL, std::system_category(), "shm_open '" + name + "'");
    return file;
}

std::size_t size_of_new(const SharedMemoryOptions& options) {
    if (options.size.value() > std::numeric_limits<std::size_t>::max())
        throw std::system_error(EFBIG, std::system_category(), "shared memory");
    return static_cast<std::size_t>(options.size.value());
}

/// In this order: a process that is killed in between leaves no name that its tracker does not know.
bool publish(int memory, const std::string& name, const os::FileIdentity& file, bool track) {
    if (track) shm::name_registrar().add(name, file);
    try {
        if (os::give_shared_name(memory, name)) return true;
    } catch (...) {
        if (track) shm::name_registrar().remove(name, file);
        throw;
    }
    if (track) shm::name_registrar().remove(name, file);
    return false;
}

std::string publish_as_asked(int memory, const os::FileIdentity& file, const SharedMemoryOptions& options) {
    if (!options.name.empty()) {
        std::string name = file_name(options.name);
        if (publish(memory, name, file, options.track)) return name;
        throw std::system_error(EEXIST, std::system_category(), "shm_open '/" + name + "'");
    }
    for (;;) {
        std::string name = new_name();
        if (publish(memory, name, file, options.track)) return name;
    }
}

std::shared_ptr<os::Mapping> map(int memory, std::size_t bytes) {
    if (bytes == 0) throw ValueError("cannot mmap an empty file");
    return std::make_shared<os::Mapping>(os::Mapping::map_shared(memory, bytes));
}

}  // namespace

SharedMemory::SharedMemory(Made, std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

SharedMemory::SharedMemory(const SharedMemoryOptions& options) {
    if (options.size.negative()) throw ValueError("'size' must be a positive integer");
    if (options.create) {
        *this = create_filled(options, [](std::span<std::byte>) {});
        return;
    }
    if (options.name.empty()) throw ValueError("'name' can only be None if create=True");
    std::string name = file_name(options.name);
    const Descriptor memory = os::open_shared_name(name);
    const std::size_t bytes = os::size(memory.get());
    state_ = std::make_shared<State>(std::move(name), os::identity_of(memory.get()), bytes);
    state_->mapping = map(memory.get(), bytes);
}

SharedMemory SharedMemory::create_filled(const SharedMemoryOptions& options,
                                         detail::FunctionRef<void(std::span<std::byte>)> fill) {
    if (options.size.negative()) throw ValueError("'size' must be a positive integer");
    if (options.size.value() == 0) throw ValueError("'size' must be a positive number different from zero");
    const std::size_t bytes = size_of_new(options);
    const Descriptor memory = os::create_nameless_memory(bytes);
    auto state = std::make_shared<State>(std::string(), os::identity_of(memory.get()), bytes);
    state->mapping = map(memory.get(), bytes);
    fill({state->mapping->data(), bytes});
    state->name = publish_as_asked(memory.get(), state->file, options);
    return {Made(), std::move(state)};
}

SharedBuffer SharedMemory::buf() const {
    const std::lock_guard guard(state_->mutex);
    const auto& mapping = state_->mapping;
    if (!mapping) throw ValueError("shared memory '" + state_->name + "' is closed");
    return {std::shared_ptr<std::byte>(mapping, mapping->data()), state_->size};
}

const std::string& SharedMemory::name() const noexcept {
    return state_->name;
}

std::size_t SharedMemory::size() const noexcept {
    return state_->size;
}

void SharedMemory::close() noexcept {
    const std::lock_guard guard(state_->mutex);
    state_->mapping.reset();
}

void SharedMemory::unlink() {
    os::remove_shared_name(state_->name);
    shm::name_registrar().remove(state_->name, state_->file);
}

std::ostream& operator<<(std::ostream& out, const SharedMemory& memory) {
    return out << "SharedMemory('" << memory.name() << "', size=" << memory.size() << ")";
}

}  // namespace cohort
