// SPDX-License-Identifier: MIT
// Kills the spare, the pool and the nursery at every point of what they do with the words of a spare.
#include "chaos/kill_everywhere.hpp"
#include "pool/spare.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>

using cohort::pool::Spare;
using cohort::shm::Owner;
using cohort::test::ForkedChild;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;

namespace {

constexpr std::uint32_t kPlace = 3;
constexpr Owner kOwner(5, 2);

class SpareTrial : public cohort::test::KillTrial {
public:
    std::span<const std::byte> watched() const override {
        return {reinterpret_cast<const std::byte*>(&*spare_), sizeof(Spare)};
    }

protected:
    // The nursery has taken note of what became of this spare, and makes the next one, by the same words.
    void check_next() {
        EXPECT_EQ(spare_->withdraw(), spare_->owner().is_nobody());
        EXPECT_FALSE(spare_->employ(kPlace, kOwner));
        spare_->offer();
        ForkedChild next([this] {
            const Spare::Order order = spare_->wait();
            EXPECT_EQ(order.place, kPlace + 1);
            EXPECT_EQ(order.owner, Owner(6, 1));
        });
        EXPECT_TRUE(spare_->employ(kPlace + 1, Owner(6, 1)));
        EXPECT_FALSE(spare_->employ(kPlace, kOwner));
        EXPECT_EQ(spare_->owner(), Owner(6, 1));
        EXPECT_FALSE(spare_->withdraw());
        EXPECT_TRUE(next.wait().success());
    }
    cohort::test::Shared<Spare> spare_{};
};

// Killed while it reads its order: it stays employed, and the nursery tells how that worker ended.
class EmployedTrial : public SpareTrial {
public:
    EmployedTrial() {
        spare_->offer();
        EXPECT_TRUE(spare_->employ(kPlace, kOwner));
    }
    void operate() override { spare_->wait(); }
    void check(const KillPoint&) override {
        EXPECT_EQ(spare_->owner(), kOwner);
        EXPECT_FALSE(spare_->withdraw());
        check_next();
    }
};

// Killed on its way to sleep and in it: nobody is employed.
class WaitingTrial : public SpareTrial {
public:
    WaitingTrial() { spare_->offer(); }
    void operate() override { spare_->wait(); }
    void check(const KillPoint&) override {
        EXPECT_TRUE(spare_->owner().is_nobody());
        EXPECT_TRUE(spare_->withdraw());
        check_next();
    }
};

// The pool: the spare is employed with a whole order, or not at all. If nobody has woken it, the nursery kills it.
class EmployTrial : public SpareTrial {
public:
    EmployTrial() : waiting_(start()) {}
    void operate() override { spare_->employ(kPlace, kOwner); }
    void check(const KillPoint& point) override {
        const bool employed = !spare_->owner().is_nobody();
        if (point.number == 0) {
            EXPECT_FALSE(employed);
        }
        if (employed) {
            EXPECT_EQ(spare_->owner(), kOwner);
            EXPECT_EQ(spare_->wait().place, kPlace);
        }
        if (point.last) {
            EXPECT_TRUE(waiting_.wait().success());
        } else {
            waiting_.kill();
            waiting_.wait();
        }
        EXPECT_EQ(spare_->withdraw(), !employed);
        check_next();
    }

private:
    ForkedChild start() {
        spare_->offer();
        return ForkedChild([this] {
            const Spare::Order order = spare_->wait();
            EXPECT_EQ(order.place, kPlace);
            EXPECT_EQ(order.owner, kOwner);
        });
    }
    ForkedChild waiting_;
};

// The nursery: what it offers can be employed, and what it has withdrawn cannot.
class OfferTrial : public SpareTrial {
    void operate() override {
        spare_->offer();
        spare_->withdraw();
    }
    void check(const KillPoint& point) override {
        const bool employed = spare_->employ(kPlace, kOwner);
        if (point.number == 0 || point.last) {
            EXPECT_FALSE(employed);
        }
        EXPECT_EQ(spare_->owner(), employed ? kOwner : Owner());
        check_next();
    }
};

TEST(KillEverywhere, spare_that_reads_its_order) {
    kill_everywhere_in<EmployedTrial>("spare.wait, employed", 20);
}
TEST(KillEverywhere, spare_that_waits) {
    kill_everywhere_in<WaitingTrial>("spare.wait", 20);
}
TEST(KillEverywhere, pool_that_employs_a_spare) {
    kill_everywhere_in<EmployTrial>("spare.employ", 20);
}
TEST(KillEverywhere, nursery_that_offers_a_spare) {
    kill_everywhere_in<OfferTrial>("spare.offer and withdraw", 20);
}

}  // namespace
