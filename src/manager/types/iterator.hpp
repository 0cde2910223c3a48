// SPDX-License-Identifier: MIT
#pragma once

#include "manager/python_error.hpp"
#include "manager/referent.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cohort::manager {

/// An iterator over the keys that a dict or a set had when it was made; it ends with an error if their number changes.
class KeyIterator final : public Referent {
public:
    /// @param type  as `dict`
    /// @param size  how many keys the container has now; keeps the container alive
    KeyIterator(std::string type, std::vector<Object> keys, std::function<std::size_t()> size)
        : type_(std::move(type)), keys_(std::move(keys)), size_(std::move(size)) {}

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'iterator'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override { return "<" + type_ + "_iterator object>"; }

private:
    const std::string type_;
    std::vector<Object> keys_;
    std::function<std::size_t()> size_;  // empty at the end
    std::size_t next_ = 0;
};

/// An iterator of Python's, as a client gets a copy of it. @param function  iter or reversed
Object iterator_over(const char* function, std::vector<Object> elements);

}  // namespace cohort::manager
