// SPDX-License-Identifier: MIT
#pragma once

// The class, and its conversions from and to the types of C++.
#include <cohort/serial/detail/object_convert.hpp>
#include <cohort/serial/detail/object_value.hpp>
