// SPDX-License-Identifier: MIT
#pragma once

/// @file
/// All of cohort, for programs that use it. Each part has a header of its own too.

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/base/range.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/channel/authentication.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>
#include <cohort/manager/base_manager.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/manager/shared_memory_manager.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/pool/as_completed.hpp>
#include <cohort/pool/broadcast.hpp>
#include <cohort/pool/call_async.hpp>
#include <cohort/pool/parallel_map.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/pool/thread_pool.hpp>
#include <cohort/pool/worker_state.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/object.hpp>
#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>
#include <cohort/serial/pickle.hpp>
#include <cohort/serial/python_exception.hpp>
#include <cohort/shm/shareable_list.hpp>
#include <cohort/shm/shared_memory.hpp>
#include <cohort/subprocess/command_line.hpp>
#include <cohort/subprocess/pipeline.hpp>
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>
#include <cohort/sync/array.hpp>
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>
