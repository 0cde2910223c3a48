// SPDX-License-Identifier: MIT
#include "pool/argument_window.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

using cohort::pool::ArgumentWindow;
using cohort::pool::TaskId;
using State = ArgumentWindow::State;

namespace {

class ArgumentWindowTest : public testing::Test {
protected:
    void put(char content) {
        const std::vector<std::byte> part(ArgumentWindow::kPart, static_cast<std::byte>(content));
        ArgumentWindow::put(words_, window_.data(), part);
    }
    char front() { return static_cast<char>(*ArgumentWindow::front(words_, window_.data())); }
    State state(TaskId id) const { return ArgumentWindow::state(words_, id); }

    ArgumentWindow::Words words_{};
    std::vector<std::byte> window_ = std::vector<std::byte>(ArgumentWindow::kBytes);
    const TaskId first_{1, 1}, second_{1, 2};
};

}  // namespace

TEST_F(ArgumentWindowTest, parts_come_in_order_through_little_memory) {
    ArgumentWindow::expect(words_);
    EXPECT_EQ(state(first_), State::waiting);
    ArgumentWindow::begin(words_, first_, 7);
    EXPECT_EQ(state(first_), State::waiting);
    for (char next = 'a', read = 'a'; read != 'i'; ++read) {
        while (ArgumentWindow::has_room(words_)) put(next++);
        EXPECT_EQ(next - read, 3);
        ASSERT_EQ(state(first_), State::ready);
        EXPECT_EQ(front(), read);
        ArgumentWindow::release(words_);
    }
}

TEST_F(ArgumentWindowTest, what_was_not_read_to_its_end_disturbs_nobody) {
    ArgumentWindow::expect(words_);
    ArgumentWindow::begin(words_, first_, 7);
    put('a');
    put('b');
    EXPECT_EQ(state(second_), State::waiting);
    ArgumentWindow::expect(words_);  // for the second, while the first is still being sent
    put('c');
    EXPECT_EQ(state(second_), State::waiting);
    ArgumentWindow::begin(words_, second_, 7);
    EXPECT_EQ(state(second_), State::waiting);
    put('x');
    ASSERT_EQ(state(second_), State::ready);
    EXPECT_EQ(front(), 'x');
}

TEST_F(ArgumentWindowTest, is_refused_to_one_task_alone) {
    ArgumentWindow::refuse(words_, first_);
    EXPECT_EQ(state(first_), State::refused);
    EXPECT_EQ(state(second_), State::waiting);
}
