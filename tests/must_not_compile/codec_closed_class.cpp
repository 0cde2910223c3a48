// SPDX-License-Identifier: MIT
// Members that the codec cannot see are for the class itself to write.
// expect: cohort: a class with constructors or private members needs a cereal function
// expect: Account
#include <cohort/serial/codec.hpp>

class Account {
public:
    Account() = default;
    explicit Account(int balance) : balance_(balance) {}
    int balance() const { return balance_; }

#ifdef CURED
    template <class Archive>
    void serialize(Archive& archive) {
        archive(balance_);
    }
#endif

private:
    int balance_ = 0;
};

Account receive(cohort::serial::Source& source) {
    return cohort::serial::read<Account>(source);
}
