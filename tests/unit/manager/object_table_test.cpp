// SPDX-License-Identifier: MIT
#include "manager/object_table.hpp"

#include "calls.hpp"
#include "manager/types/dict.hpp"
#include "manager/types/list.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;

class ObjectTableTest : public testing::Test {
protected:
    std::string add_list(HolderId holder = 0) { return table->add("list", std::make_shared<ListReferent>(), holder); }
    std::string add_dict() { return table->add("dict", std::make_shared<DictReferent>(), 0); }

    /// As a client sends it.
    Object proxy_of(const std::string& ident) {
        return Object::proxy(Object::global("multiprocessing.managers", "ListProxy"),
                             Object::token("list", "/somewhere", ident), Object::dict());
    }
    void append(const std::string& ident, const Object& value) {
        call(*table->at(ident).referent, "append", {table->adopt(value)});
    }

    std::shared_ptr<ObjectTable> table = std::make_shared<ObjectTable>();
};

TEST_F(ObjectTableTest, an_object_lives_as_long_as_it_has_references) {
    const std::string ident = add_list();
    table->incref(ident, 0);
    table->decref(ident, 0);
    EXPECT_EQ(table->size(), 1U);
    EXPECT_EQ(table->describe(), "  " + ident + ":       refcount=1\n    []");
    table->decref(ident, 0);
    EXPECT_EQ(table->size(), 0U);
    EXPECT_THROW(table->incref(ident, 0), PythonError);
    EXPECT_THROW(table->decref(ident, 0), PythonError);
}

TEST_F(ObjectTableTest, the_same_object_has_one_name) {
    const auto list = std::make_shared<ListReferent>();
    const std::string ident = table->add("list", list, 0);
    EXPECT_EQ(table->add("list", list, 0), ident);
    table->decref(ident, 0);
    EXPECT_EQ(table->size(), 1U);
}

TEST_F(ObjectTableTest, a_stored_proxy_is_a_reference_and_is_handed_back_as_it_was) {
    const std::string outer = add_list(), inner = add_list();
    append(outer, proxy_of(inner));
    append(outer, Object::tuple({1, Object::dict({{"k", Object::list({proxy_of(inner)})}})}));
    EXPECT_EQ(table->at(inner).references, 3);
    table->decref(inner, 0);
    EXPECT_EQ(table->size(), 2U);
    EXPECT_EQ(call(*table->at(outer).referent, "__getitem__", {0}), proxy_of(inner).repr());
    call(*table->at(outer).referent, "pop");
    EXPECT_EQ(table->at(inner).references, 1);
    call(*table->at(outer).referent, "__setitem__", {0, none});
    EXPECT_EQ(table->size(), 1U);
}

TEST_F(ObjectTableTest, a_chain_of_any_length_ends_with_its_head) {
    const std::string head = add_list();
    std::string last = head;
    for (int i = 0; i < 20000; ++i) {
        const std::string next = add_list();
        append(last, proxy_of(next));
        table->decref(next, 0);
        last = next;
    }
    EXPECT_EQ(table->size(), 20001U);
    table->decref(head, 0);
    EXPECT_EQ(table->size(), 0U);
}

TEST_F(ObjectTableTest, a_proxy_of_another_server_is_just_a_value) {
    const std::string outer = add_list();
    append(outer, proxy_of("0123456789"));
    EXPECT_EQ(call(*table->at(outer).referent, "__len__"), "1");
    EXPECT_EQ(referent_of(proxy_of("0123456789")), nullptr);
}

TEST_F(ObjectTableTest, own_proxies_stand_for_their_elements_where_something_is_iterated) {
    const std::string one = add_list(), other = add_list(), dict = add_dict();
    append(one, 5);
    call(*table->at(other).referent, "extend", {table->adopt(proxy_of(one))});
    EXPECT_EQ(table->at(other).referent->repr(), "[5]");
    EXPECT_EQ(table->at(one).references, 1);
}

TEST_F(ObjectTableTest, the_references_of_a_process_end_with_it) {
    const std::string own = add_list(7), shared = add_list(7);
    table->incref(shared, 8);
    table->incref(own, 7);
    table->decref(own, 7);
    table->holder_gone(7);
    EXPECT_EQ(table->size(), 1U);
    EXPECT_EQ(table->at(shared).references, 1);
    table->holder_gone(8);
    EXPECT_EQ(table->size(), 0U);
}

}  // namespace
