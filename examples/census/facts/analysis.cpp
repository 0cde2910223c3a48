// SPDX-License-Identifier: MIT
#include "facts/analysis.hpp"

#include "facts/input_file.hpp"
#include "facts/text_counter.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace census {

namespace {

constexpr std::size_t kChunk = std::size_t{256} * 1024;  // it stays in a core's own cache while it is read twice
constexpr std::size_t kLargestText = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kTextSample = 8000;

bool is_text(const InputFile& file, std::string_view begin) {
    return file.size() <= kLargestText && begin.substr(0, kTextSample).find('\0') == std::string_view::npos;
}

// Reads one file after the other with the same buffer, digest and table of identifiers.
class Analysis {
public:
    Analysis() : buffer_(kChunk) {}

    FileFacts file(const std::string& path);
    IdentifierCounts identifiers() && { return std::move(identifiers_).take(); }

private:
    std::vector<char> buffer_;
    Digest digest_;
    IdentifierCounter identifiers_;
};

FileFacts Analysis::file(const std::string& path) {
    InputFile file(path);
    std::string_view chunk = file.read(buffer_);
    TextCounter counter(is_text(file, chunk) ? &identifiers_ : nullptr);
    FileFacts facts{.readable = true};
    digest_.start();
    for (; !chunk.empty(); chunk = file.read(buffer_)) {
        facts.bytes += chunk.size();
        digest_.update(chunk);
        counter.feed(chunk);
    }
    counter.finish();
    facts.lines = counter.lines();
    facts.words = counter.words();
    facts.sha256 = digest_.finish();
    return facts;
}

}  // namespace

BatchFacts analyse(const Batch& batch) {
    BatchFacts result{.first = batch.first};
    Analysis analysis;
    for (const std::string& path : batch.paths) {
        FileFacts facts;
        try {
            facts = analysis.file(path);
        } catch (const std::runtime_error& error) {
            result.problems.push_back({.path = path, .reason = error.what()});
        }
        result.files.push_back(facts);
    }
    result.identifiers = std::move(analysis).identifiers();
    return result;
}

}  // namespace census
