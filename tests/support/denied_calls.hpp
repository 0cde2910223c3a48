// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::test {

/// When deny_calls started this program: accepts tests that fail for no other reason than an exception that names one
/// of the denied calls and its error. For all others a fallback has to work.
void accept_errors_that_name_denied_calls();

/// Whether every failure of this program was such a one.
bool denied_calls_explain_all_failures();

}  // namespace cohort::test
