// SPDX-License-Identifier: MIT
// An argument that owns an object of a class with virtual functions.
// expect: cohort: a class with virtual functions needs a cereal serialize function
// expect: Shape
#include <cohort/pool/pool.hpp>

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

int corners(const std::unique_ptr<Shape>& shape) {
    return shape->corners;
}

int use(cohort::Pool& pool) {
    return pool.apply(corners, std::make_unique<Shape>());
}
