// SPDX-License-Identifier: MIT
#pragma once

#include "facts/digest.hpp"
#include "facts/identifier_counter.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace census {

/// A task: files that follow each other in the tree.
struct Batch {
    std::size_t first = 0;             ///< the place of the first of them among all files
    std::vector<std::string> paths{};  ///< of all of them, in order
};

/// What is known of one file.
struct FileFacts {
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
    std::uint64_t words = 0;
    Sha256 sha256{};
    bool readable = false;  ///< false: a problem was met, and nothing of the above counts
};

/// Something that could not be read, and why.
struct Problem {
    std::string path{};
    std::string reason{};
};

/// A task's result.
struct BatchFacts {
    std::size_t first = 0;           ///< as in the Batch
    std::vector<FileFacts> files{};  ///< one for each path of the Batch
    IdentifierCounts identifiers{};  ///< of all its text files together
    std::vector<Problem> problems{};
};

/// Reads the files of a batch: the work that is shared out. The identifiers of text files are counted; a file is text
/// if its first 8,000 bytes have no NUL and it is no larger than 64 MiB, so that memory is bounded whatever a tree
/// holds. What cannot be read is a Problem, never an exception.
BatchFacts analyse(const Batch& batch);

}  // namespace census
