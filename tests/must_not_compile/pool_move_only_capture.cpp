// SPDX-License-Identifier: MIT
// A functor that owns something is sent if it is a class that the codec knows.
// expect: cohort: this callable cannot be sent to another process, since its captures are not plain data: bind them to
// expect: or make it a class with a codec
#include <cohort/pool/pool.hpp>

#include <memory>
#include <vector>

class Task {
public:
    explicit Task(int number = 0) : number_(std::make_unique<int>(number)) {}
    int operator()(int n) const { return *number_ + n; }

#ifdef CURED
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number_);
    }
#endif

private:
    std::unique_ptr<int> number_;
};

std::vector<int> call(cohort::Pool& pool) {
    return pool.map(Task(40), {1, 2});
}
