// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

// Why a type cannot be sent or stored, with what to do about it: the same words at compile time and at run time.
namespace cohort::serial {

/// What to do about a type that cannot be sent to another process, or stored for a call there.
enum class Cure {
    none,
    uncopied,
    immovable,
    erased,
    wrapped,
    captures,
    pointer,
    extended,
    owner,
    reference,
    view,
    function,
    local,
    owned,
    union_kind,
    crowd,
    derived,
    squeezed,
    rigid,
    several,
    unmade,
    virtual_kind,
    closed,
    stateful,
    unknown,
};

// A static_assert takes nothing but a literal.
#define COHORT_CURE_UNCOPIED                                                                                    \
    "cohort: a target and its arguments are stored as copies, and this type cannot be copied: move it in with " \
    "std::move"
#define COHORT_CURE_IMMOVABLE                                                                               \
    "cohort: a target and its arguments are stored, and this type can be neither copied nor moved: give a " \
    "std::unique_ptr to it"
#define COHORT_CURE_ERASED                                                                                        \
    "cohort: a std::function cannot be sent to another process, since it hides what it holds: pass the function " \
    "or lambda itself"
#define COHORT_CURE_WRAPPED "cohort: a std::reference_wrapper cannot be sent to another process: pass the object itself"
#define COHORT_CURE_CAPTURES                                                                                        \
    "cohort: this callable cannot be sent to another process, since its captures are not plain data: bind them to " \
    "a function or a lambda without captures with cohort::partial(f, values...), or make it a class with a codec"
#define COHORT_CURE_POINTER                                                                                     \
    "cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a " \
    "std::shared_ptr"
#define COHORT_CURE_EXTENDED                                                                                       \
    "cohort: __int128 and other numbers beyond standard C++ cannot be sent with -std=c++20, which says that they " \
    "are no numbers: use -std=gnu++20, or send two std::uint64_t"
#define COHORT_CURE_OWNER                                                                                       \
    "cohort: a smart pointer with a deleter of its own, or to an array, cannot be sent: use a std::vector, or " \
    "std::default_delete"
#define COHORT_CURE_REFERENCE "cohort: a reference cannot be sent: hold the value itself"
#define COHORT_CURE_VIEW "cohort: a view cannot be sent: send the container or the std::string that owns the elements"
#define COHORT_CURE_FUNCTION                                                                                    \
    "cohort: a function object cannot be sent as data: use a function or cohort::partial, or give it a cereal " \
    "serialize function"
#define COHORT_CURE_LOCAL \
    "cohort: it belongs to one process: use cohort's Lock, Event, Condition, Process or AsyncResult"
#define COHORT_CURE_OWNED "cohort: a Pool or Process belongs to the process that made it: make one where it is used"
#define COHORT_CURE_UNION_KIND "cohort: a union cannot be sent: use a std::variant"
#define COHORT_CURE_CROWD                                                                                    \
    "cohort: a plain aggregate may have up to 64 fields: group some in a struct of their own, or give it a " \
    "cereal serialize function"
#define COHORT_CURE_DERIVED "cohort: an aggregate with a base class needs a cereal serialize function"
#define COHORT_CURE_SQUEEZED "cohort: an aggregate with bit-fields or packed fields needs a cereal serialize function"
#define COHORT_CURE_RIGID                                                                                          \
    "cohort: an aggregate with array fields must have a default constructor and no const fields: use std::array, " \
    "or give it a cereal serialize function"
#define COHORT_CURE_SEVERAL \
    "cohort: it has several forms of cereal functions: leave one, or choose with cereal::specialize"
#define COHORT_CURE_UNMADE "cohort: a type with cereal functions needs a move constructor to be sent by itself"
#define COHORT_CURE_VIRTUAL_KIND "cohort: a class with virtual functions needs a cereal serialize function"
#define COHORT_CURE_CLOSED                                                                                         \
    "cohort: a class with constructors or private members needs a cereal function: template <class Archive> void " \
    "serialize(Archive& archive) { archive(first, second); }"
#define COHORT_CURE_STATEFUL "cohort: a container must have a default constructor: its comparison and hash are not sent"
#define COHORT_CURE_UNKNOWN "cohort: this type of the standard library has no meaning in another process"

/// What to do about a type that cannot be sent, as the compiler says it.
constexpr std::string_view cure_text(Cure cure) {
    switch (cure) {
        case Cure::none:
            break;
        case Cure::uncopied:
            return COHORT_CURE_UNCOPIED;
        case Cure::immovable:
            return COHORT_CURE_IMMOVABLE;
        case Cure::erased:
            return COHORT_CURE_ERASED;
        case Cure::wrapped:
            return COHORT_CURE_WRAPPED;
        case Cure::captures:
            return COHORT_CURE_CAPTURES;
        case Cure::pointer:
            return COHORT_CURE_POINTER;
        case Cure::extended:
            return COHORT_CURE_EXTENDED;
        case Cure::owner:
            return COHORT_CURE_OWNER;
        case Cure::reference:
            return COHORT_CURE_REFERENCE;
        case Cure::view:
            return COHORT_CURE_VIEW;
        case Cure::function:
            return COHORT_CURE_FUNCTION;
        case Cure::local:
            return COHORT_CURE_LOCAL;
        case Cure::owned:
            return COHORT_CURE_OWNED;
        case Cure::union_kind:
            return COHORT_CURE_UNION_KIND;
        case Cure::crowd:
            return COHORT_CURE_CROWD;
        case Cure::derived:
            return COHORT_CURE_DERIVED;
        case Cure::squeezed:
            return COHORT_CURE_SQUEEZED;
        case Cure::rigid:
            return COHORT_CURE_RIGID;
        case Cure::several:
            return COHORT_CURE_SEVERAL;
        case Cure::unmade:
            return COHORT_CURE_UNMADE;
        case Cure::virtual_kind:
            return COHORT_CURE_VIRTUAL_KIND;
        case Cure::closed:
            return COHORT_CURE_CLOSED;
        case Cure::stateful:
            return COHORT_CURE_STATEFUL;
        case Cure::unknown:
            return COHORT_CURE_UNKNOWN;
    }
    return {};
}

/// A type and its cure, for compilers to name both. With Cure::none nothing is wrong.
template <class Type, Cure Problem>
struct Fault {
    /// Whether something is wrong.
    static constexpr bool exists = Problem != Cure::none;
    /// The cure.
    static constexpr Cure cure = Problem;
    /// The type to blame.
    using Culprit = Type;

    /// Fails to compile, with the cure. Whoever calls it uses the type no further: one error is enough.
    static constexpr void explain() {
        static_assert(Problem != Cure::uncopied, COHORT_CURE_UNCOPIED);
        static_assert(Problem != Cure::immovable, COHORT_CURE_IMMOVABLE);
        static_assert(Problem != Cure::erased, COHORT_CURE_ERASED);
        static_assert(Problem != Cure::wrapped, COHORT_CURE_WRAPPED);
        static_assert(Problem != Cure::captures, COHORT_CURE_CAPTURES);
        static_assert(Problem != Cure::pointer, COHORT_CURE_POINTER);
        static_assert(Problem != Cure::extended, COHORT_CURE_EXTENDED);
        static_assert(Problem != Cure::owner, COHORT_CURE_OWNER);
        static_assert(Problem != Cure::reference, COHORT_CURE_REFERENCE);
        static_assert(Problem != Cure::view, COHORT_CURE_VIEW);
        static_assert(Problem != Cure::function, COHORT_CURE_FUNCTION);
        static_assert(Problem != Cure::local, COHORT_CURE_LOCAL);
        static_assert(Problem != Cure::owned, COHORT_CURE_OWNED);
        static_assert(Problem != Cure::union_kind, COHORT_CURE_UNION_KIND);
        static_assert(Problem != Cure::crowd, COHORT_CURE_CROWD);
        static_assert(Problem != Cure::derived, COHORT_CURE_DERIVED);
        static_assert(Problem != Cure::squeezed, COHORT_CURE_SQUEEZED);
        static_assert(Problem != Cure::rigid, COHORT_CURE_RIGID);
        static_assert(Problem != Cure::several, COHORT_CURE_SEVERAL);
        static_assert(Problem != Cure::unmade, COHORT_CURE_UNMADE);
        static_assert(Problem != Cure::virtual_kind, COHORT_CURE_VIRTUAL_KIND);
        static_assert(Problem != Cure::closed, COHORT_CURE_CLOSED);
        static_assert(Problem != Cure::stateful, COHORT_CURE_STATEFUL);
        static_assert(Problem != Cure::unknown, COHORT_CURE_UNKNOWN);
    }
};

/// Nothing is wrong.
using NoFault = Fault<void, Cure::none>;

#undef COHORT_CURE_UNCOPIED
#undef COHORT_CURE_IMMOVABLE
#undef COHORT_CURE_ERASED
#undef COHORT_CURE_WRAPPED
#undef COHORT_CURE_CAPTURES
#undef COHORT_CURE_POINTER
#undef COHORT_CURE_EXTENDED
#undef COHORT_CURE_OWNER
#undef COHORT_CURE_REFERENCE
#undef COHORT_CURE_VIEW
#undef COHORT_CURE_FUNCTION
#undef COHORT_CURE_LOCAL
#undef COHORT_CURE_OWNED
#undef COHORT_CURE_UNION_KIND
#undef COHORT_CURE_CROWD
#undef COHORT_CURE_DERIVED
#undef COHORT_CURE_SQUEEZED
#undef COHORT_CURE_RIGID
#undef COHORT_CURE_SEVERAL
#undef COHORT_CURE_UNMADE
#undef COHORT_CURE_VIRTUAL_KIND
#undef COHORT_CURE_CLOSED
#undef COHORT_CURE_STATEFUL
#undef COHORT_CURE_UNKNOWN

}  // namespace cohort::serial
