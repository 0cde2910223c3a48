// SPDX-License-Identifier: MIT
#include "chaos/pool_no_hang/no_hang.hpp"

namespace cohort::test {

INSTANTIATE_TEST_SUITE_P(, NoHang, kEveryStartMethod, name_of);

}  // namespace cohort::test
