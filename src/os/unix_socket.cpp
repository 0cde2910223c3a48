// SPDX-License-Identifier: MIT
#include "os/unix_socket.hpp"

#include "os/file.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>

namespace cohort::os {

namespace {

constexpr std::size_t kDescriptorBytes = kMaxPassedDescriptors * sizeof(int);

/// Room for the control message that carries descriptors.
struct alignas(cmsghdr) Control {
    char bytes[CMSG_SPACE(kDescriptorBytes)];
};

void put_descriptors(msghdr& header, Control& control, std::span<const int> descriptors) {
    if (descriptors.empty()) return;
    if (descriptors.size() > kMaxPassedDescriptors) throw_error(EINVAL, "sendmsg", "with too many descriptors");
    header.msg_control = control.bytes;
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    *part = {.cmsg_len = CMSG_LEN(descriptors.size_bytes()), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
}

iovec part_of(std::span<const std::byte> bytes) noexcept {
    return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

std::size_t send_parts(int socket, std::span<iovec> parts, std::span<const int> descriptors, int flags) {
    Control control;
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    put_descriptors(header, control, descriptors);
    return static_cast<std::size_t>(
        checked("sendmsg", descriptor_text(socket), [&] { return ::sendmsg(socket, &header, flags | MSG_NOSIGNAL); }));
}

std::vector<Descriptor> take_descriptors(msghdr& header) {
    std::vector<Descriptor> taken;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
            taken.emplace_back(number);
        }
    }
    for (Descriptor& descriptor : taken) descriptor = above_standard_streams(std::move(descriptor));
    return taken;
}

std::size_t next_size(int socket) {
    char nothing;
    return static_cast<std::size_t>(
        checked("recv", descriptor_text(socket), [&] { return ::recv(socket, &nothing, 0, MSG_PEEK | MSG_TRUNC); }));
}

SocketAddress unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw_error(ENAMETOOLONG, "socket address", path_text(path));
    std::memcpy(address.sun_path, path.data(), path.size());
    SocketAddress result;
    std::memcpy(&result.storage, &address, sizeof address);
    bool abstract = path.starts_with('\0');  // its length counts; a path ends with a zero byte
    result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
    return result;
}

bool is_abstract(const std::string& path) noexcept {
    return path.starts_with('\0');
}

std::optional<FileIdentity> socket_file(const std::string& path) noexcept {
    struct stat found {};
    if (system_call("lstat", [&] { return ::lstat(path.c_str(), &found); }) != 0 || !S_ISSOCK(found.st_mode)) return {};
    return FileIdentity{found.st_dev, found.st_ino};
}

/// The folder of a path, locked against other processes that replace or remove sockets in it: no lock file is left.
/// Others hold it for microseconds; one that is stopped is not waited for longer than a second.
class FolderLock {
public:
    explicit FolderLock(const std::string& path) {
        const auto slash = path.rfind('/');
        const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
        folder_ = open_file(folder.c_str(), O_RDONLY | O_DIRECTORY);
        for (int tries = 0; tries != 1'000; ++tries) {
            if (system_call("flock", [this] { return ::flock(folder_.get(), LOCK_EX | LOCK_NB); }) == 0) return;
            if (errno != EWOULDBLOCK && errno != EINTR) throw_error(errno, "flock", path_text(folder));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    // A child that was forked meanwhile has a copy of the descriptor, which would keep the lock.
    ~FolderLock() { ::flock(folder_.get(), LOCK_UN); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    Descriptor folder_;
};

/// Asked with a socket of another type: the kernel refuses that in another way if there is a socket, which notices
/// nothing.
bool nobody_has(const std::string& path) {
    const SocketAddress address = unix_address(path);
    const Descriptor probe(
        checked("socket", path_text(path), [] { return ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }));
    const int result = uninterrupted("connect", [&] { return ::connect(probe.get(), address.get(), address.size); });
    return result != 0 && errno == ECONNREFUSED;
}

void remove_path(const std::string& path) noexcept {
    system_call("unlink", [&] { return ::unlink(path.c_str()); });
}

Descriptor listen_in_place_of_the_dead(const std::string& path, int backlog) {
    const FolderLock lock(path);
    if (socket_file(path) && nobody_has(path)) remove_path(path);
    return unix_listen(path, backlog);
}

}  // namespace

std::string path_text(const std::string& path) {
    return is_abstract(path) ? "'@" + path.substr(1) + "'" : "'" + path + "'";
}

std::string unix_path(const SocketAddress& address) {
    constexpr std::size_t kBefore = offsetof(sockaddr_un, sun_path);
    if (address.size <= kBefore) return {};
    sockaddr_un path{};
    std::memcpy(&path, &address.storage, sizeof path);
    const std::string found(path.sun_path, std::min(address.size - kBefore, sizeof path.sun_path));
    return is_abstract(found) ? found : found.substr(0, found.find('\0'));
}

UnixListener unix_listen_replacing(const std::string& path, int backlog) {
    UnixListener made;
    try {
        made.socket = unix_listen(path, backlog);
    } catch (const std::system_error& error) {
        if (is_abstract(path) || error.code() != std::errc::address_in_use) throw;
        made.socket = listen_in_place_of_the_dead(path, backlog);
    }
    if (auto file = is_abstract(path) ? std::nullopt : socket_file(path)) made.file = *file;
    return made;
}

void unix_remove(const std::string& path, const FileIdentity& file) noexcept {
    std::optional<FolderLock> lock;
    try {
        lock.emplace(path);
    } catch (const std::exception&) {  // without descriptors it is removed, too
    }
    if (socket_file(path) == file) remove_path(path);
}

Descriptor unix_listen(const std::string& path, int backlog) {
    return listen_at(unix_address(path), backlog, path_text(path));
}

Descriptor unix_connect(const std::string& path, const Deadline& deadline) {
    return connect_to(unix_address(path), deadline, path_text(path));
}

std::pair<Descriptor, Descriptor> socket_pair(SocketKind kind) {
    int ends[2];
    int type = (kind == SocketKind::stream ? SOCK_STREAM : SOCK_SEQPACKET) | SOCK_CLOEXEC;
    checked("socketpair", {}, [&] { return ::socketpair(AF_UNIX, type, 0, ends); });
    Descriptor first(ends[0]), second(ends[1]);
    return {above_standard_streams(std::move(first)), above_standard_streams(std::move(second))};
}

std::size_t send_message(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors, int flags) {
    iovec part = part_of(bytes);
    return send_parts(socket, {&part, 1}, descriptors, flags);
}

void send_packet(int socket, std::span<const std::byte> head, std::span<const std::byte> body,
                 std::span<const int> descriptors) {
    iovec parts[] = {part_of(head), part_of(body)};
    send_parts(socket, parts, descriptors, 0);
}

std::size_t send_buffer_bytes(int socket) {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    checked("getsockopt", "(SO_SNDBUF) " + descriptor_text(socket),
            [&] { return ::getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, &size); });
    return static_cast<std::size_t>(bytes);
}

void send_whole(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors) {
    do {
        bytes = bytes.subspan(send_message(socket, bytes, descriptors));
        descriptors = {};
    } while (!bytes.empty());
}

Received receive_message(int socket, std::span<std::byte> buffer, int flags) {
    Control control;
    iovec part{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    auto size = checked("recvmsg", descriptor_text(socket),
                        [&] { return ::recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC); });
    Received received{static_cast<std::size_t>(size), take_descriptors(header), size == 0 && !buffer.empty(),
                      (header.msg_flags & MSG_TRUNC) != 0};
    if (header.msg_flags & MSG_CTRUNC) throw_error(EMFILE, "recvmsg", descriptor_text(socket));
    return received;
}

Message receive_packet(int socket) {
    Message message;
    message.bytes.resize(next_size(socket));
    std::byte end_of_file;
    Received received =
        message.bytes.empty() ? receive_message(socket, {&end_of_file, 1}) : receive_message(socket, message.bytes);
    message.descriptors = std::move(received.descriptors);
    message.end = received.end;
    return message;
}

namespace {

ucred peer_of(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    checked("getsockopt", "(SO_PEERCRED) " + descriptor_text(socket),
            [&] { return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size); });
    return peer;
}

}  // namespace

pid_t peer_pid(int socket) {
    return peer_of(socket).pid;
}

bool peer_is_own(int socket) {
    const uid_t user = peer_of(socket).uid;
    return user == ::geteuid() || user == 0;
}

}  // namespace cohort::os
