// SPDX-License-Identifier: MIT
// Nothing of its own: the target that the precompiled headers belong to needs a file.
