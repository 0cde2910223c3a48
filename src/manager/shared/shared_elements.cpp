// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include "manager/shared/handle_methods.hpp"
#include "manager/types/atomically.hpp"
#include "manager/types/slices.hpp"

#include <mutex>

namespace cohort::manager::detail {

AnyElements::~AnyElements() = default;

namespace {

/// A Value of the program, with the methods of Python's ValueProxy. One call at a time: those without a lock are atomic
/// among clients, too.
class ValueObject final : public SharedObject {
public:
    explicit ValueObject(std::unique_ptr<AnyElements> value) : value_(std::move(value)) {}

    const void* identity() const noexcept override { return value_->identity(); }
    std::string type_id() const override { return "Value"; }
    std::string class_name() const override { return "multiprocessing.managers.Value"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    bool is_serial() const noexcept override { return true; }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    static const HandleMethods<ValueObject>& table() {
        using Self = ValueObject;
        static const HandleMethods<Self> all{
            {{"get", &Self::get}, {"set", &Self::set}},
            {{"#GETVALUE", &Self::get}, {"#cohort.add", &Self::add}, {"#cohort.compare_exchange", &Self::exchange}},
        };
        return all;
    }

    Result get(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(value_->get(0));
    }
    Result set(const MethodCall& call) {
        value_->set(0, *bind_to<1>(call, {"value"}, 1)[0]);
        return {};
    }
    Result add(const MethodCall& call) {
        const Object& number = *bind_to<3>(call, {"number", "least", "most"}, 1)[0];
        const std::lock_guard guard(*value_);
        Object sum = atomically::sum(value_->get(0), number);
        value_->set(0, sum);
        return value_result(std::move(sum));
    }
    Result exchange(const MethodCall& call) {
        const auto given = bind_to<2>(call, {"expected", "desired"}, 2);
        const std::lock_guard guard(*value_);
        Object value = value_->get(0);
        Object answer = atomically::compare_exchange(value, *given[0], *given[1]);
        if (answer[0].as_bool()) value_->set(0, value);
        return value_result(std::move(answer));
    }

    const std::unique_ptr<AnyElements> value_;
};

/// An Array of the program, with the methods of Python's ArrayProxy.
class ArrayObject final : public SharedObject {
public:
    explicit ArrayObject(std::unique_ptr<AnyElements> array) : array_(std::move(array)) {}

    const void* identity() const noexcept override { return array_->identity(); }
    std::string type_id() const override { return "Array"; }
    std::string class_name() const override { return "array.array"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    bool is_serial() const noexcept override { return true; }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    static const HandleMethods<ArrayObject>& table() {
        using Self = ArrayObject;
        static const HandleMethods<Self> all{
            {{"__len__", &Self::length}, {"__getitem__", &Self::get}, {"__setitem__", &Self::set}},
            {{"#GETVALUE", &Self::all}, {"#cohort.add", &Self::add}, {"#cohort.compare_exchange", &Self::exchange}},
        };
        return all;
    }

    std::vector<Object> elements() const {
        std::vector<Object> copy;
        for (std::size_t i = 0; i < array_->size(); ++i) copy.push_back(array_->get(i));
        return copy;
    }
    std::size_t place(const Object& index, const char* what) const {
        const auto found = place_of(clamped_int(index), array_->size());
        if (!found) raise_index_error(std::string("array ") + what + "index out of range");
        return *found;
    }

    Result length(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(array_->size());
    }
    Result all(const MethodCall& call) {
        expect_no_arguments(call);
        const std::lock_guard guard(*array_);
        return value_result(Object::list(elements()));
    }
    Result get(const MethodCall& call) {
        const Object& index = *bind_to<1>(call, {"index"}, 1)[0];
        const std::lock_guard guard(*array_);
        if (index.is(Object::Kind::slice)) return value_result(Object::list(take_slice(elements(), index)));
        return value_result(array_->get(place(index, "")));
    }
    Result set(const MethodCall& call) {
        const auto given = bind_to<2>(call, {"index", "value"}, 2);
        const std::lock_guard guard(*array_);
        if (given[0]->is(Object::Kind::slice))
            set_slice(*given[0], iterate(*given[1]));
        else
            array_->set(place(*given[0], "assignment "), *given[1]);
        return {};
    }
    void set_slice(const Object& slice, const std::vector<Object>& values) const {
        const SliceRange range = slice_range(slice, array_->size());
        if (range.count != values.size()) raise_value_error("Can only assign sequence of same size");
        for (std::size_t i = 0; i < values.size(); ++i) array_->set(range.at(i), values[i]);
    }
    Result add(const MethodCall& call) {
        const auto given = bind_to<4>(call, {"index", "number", "least", "most"}, 2);
        const std::lock_guard guard(*array_);
        const std::size_t at = place(*given[0], "");
        Object sum = atomically::sum(array_->get(at), *given[1]);
        array_->set(at, sum);
        return value_result(std::move(sum));
    }
    Result exchange(const MethodCall& call) {
        const auto given = bind_to<3>(call, {"index", "expected", "desired"}, 3);
        const std::lock_guard guard(*array_);
        const std::size_t at = place(*given[0], "");
        Object value = array_->get(at);
        Object answer = atomically::compare_exchange(value, *given[1], *given[2]);
        if (answer[0].as_bool()) array_->set(at, value);
        return value_result(std::move(answer));
    }

    const std::unique_ptr<AnyElements> array_;
};

}  // namespace

std::shared_ptr<SharedObject> share_elements(std::unique_ptr<AnyElements> elements, ElementsForm form) {
    if (form == ElementsForm::array) return std::make_shared<ArrayObject>(std::move(elements));
    return std::make_shared<ValueObject>(std::move(elements));
}

}  // namespace cohort::manager::detail
