// SPDX-License-Identifier: MIT
#include "manager/types/iterator.hpp"

#include <cohort/serial/object_instance.hpp>

#include <utility>

namespace cohort::manager {

const std::vector<std::string_view>& KeyIterator::exposed() const {
    static const std::vector<std::string_view> all{"__next__", "send", "throw", "close"};
    return all;
}

void KeyIterator::call(Call& call) {
    if (call.method() != "__next__") throw NoSuchMethod();
    if (size_ && size_() != keys_.size())
        raise("RuntimeError", (type_ == "dict" ? "dictionary" : "Set") + std::string(" changed size during iteration"));
    if (next_ < keys_.size()) return call.reply(keys_[next_++]);
    size_ = nullptr;
    keys_.clear();
    next_ = 0;
    throw PythonError(Object::exception("StopIteration", {}));
}

Object KeyIterator::value() const {
    return iterator_over("iter", {keys_.begin() + static_cast<std::ptrdiff_t>(next_), keys_.end()});
}

Object iterator_over(const char* function, std::vector<Object> elements) {
    ObjectInstance iterator;
    iterator.callable = Object::global("builtins", function);
    iterator.args = Object::tuple({Object::list(std::move(elements))});
    return Object::instance(std::move(iterator));
}

}  // namespace cohort::manager
