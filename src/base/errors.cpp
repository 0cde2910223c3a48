// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>

namespace cohort {

// The destructors stand here so that each class has one vtable and one type_info in the whole program.
Error::~Error() = default;
TimeoutError::~TimeoutError() = default;
AuthenticationError::~AuthenticationError() = default;
BufferTooShort::~BufferTooShort() = default;
EofError::~EofError() = default;
Empty::~Empty() = default;
Full::~Full() = default;
BrokenBarrierError::~BrokenBarrierError() = default;
ValueError::~ValueError() = default;
TypeError::~TypeError() = default;
AttributeError::~AttributeError() = default;
KeyError::~KeyError() = default;
CancelledError::~CancelledError() = default;
Interrupted::~Interrupted() = default;
BrokenPoolError::~BrokenPoolError() = default;
MemoryLimitError::~MemoryLimitError() = default;
SerializationError::~SerializationError() = default;
BinaryMismatchError::~BinaryMismatchError() = default;
RemoteError::~RemoteError() = default;
WorkerLostError::~WorkerLostError() = default;

Empty::Empty() : Error("the queue is empty") {}

Full::Full() : Error("the queue is full") {}

BufferTooShort::BufferTooShort(std::vector<std::byte> message)
    : Error("the buffer is too short for a message of " + std::to_string(message.size()) + " bytes"),
      message_(std::move(message)) {}

SerializationError::SerializationError(std::string type, const std::string& what)
    : Error(what), type_(std::move(type)) {}

namespace {

std::string describe(const RemoteError::Origin& origin) {
    std::string text = origin.type_name + (origin.message.empty() ? "" : ": " + origin.message);
    if (origin.pid != 0) text += "\n  in process " + origin.process_name + " (pid " + std::to_string(origin.pid) + ")";
    if (!origin.trace.empty()) text += "\n" + origin.trace;
    return text;
}

}  // namespace

RemoteError::RemoteError(Origin origin) : Error(describe(origin)), origin_(std::move(origin)) {}

WorkerLostError::WorkerLostError(const std::string& what, Loss loss) : Error(what), loss_(loss) {}

std::optional<int> WorkerLostError::signal() const noexcept {
    if (loss_.exitcode >= 0) return std::nullopt;
    return -loss_.exitcode;
}

}  // namespace cohort
