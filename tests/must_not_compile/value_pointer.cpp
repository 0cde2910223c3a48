// SPDX-License-Identifier: MIT
// A pointer in shared memory means nothing to another process, also inside of a struct.
// expect: a Value or Array holds no pointers, references or unions: they mean nothing in another process
#include <cohort/sync/value.hpp>

struct Node {
    int number;
#ifdef CURED
    int next;
#else
    Node* next;
#endif
};

cohort::Value<Node> node;
