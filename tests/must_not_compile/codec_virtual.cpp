// SPDX-License-Identifier: MIT
// Of an object with virtual functions nobody knows the real type.
// expect: cohort: a class with virtual functions needs a cereal serialize function
// expect: Shape
#include <cohort/serial/codec.hpp>

#include <memory>

struct Shape {
    virtual ~Shape() = default;
    int corners = 0;
#ifdef CURED
    template <class Archive>
    void serialize(Archive& archive) {
        archive(corners);
    }
#endif
};

void send(cohort::serial::Sink& sink, const std::unique_ptr<Shape>& shape) {
    cohort::serial::write(sink, shape);
}
