# SPDX-License-Identifier: MIT
"""task_worker.cpp in Python. Usage: task_worker.py [HOST PORT [SECONDS]]"""
import queue
import sys
import time
from multiprocessing.managers import BaseManager


class QueueManager(BaseManager):
    pass


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 1
    # [worker]
    QueueManager.register("get_task_queue")
    QueueManager.register("get_result_queue")
    manager = QueueManager(address=(host, port), authkey=b"abc")
    manager.connect()
    task = manager.get_task_queue()
    result = manager.get_result_queue()
    for _ in range(10):
        try:
            n = task.get(timeout=1)
            print("run task %d * %d" % (n, n), flush=True)
            time.sleep(seconds)
            result.put("%d * %d = %d" % (n, n, n * n))
        except queue.Empty:
            print("task queue is empty", flush=True)
    print("worker exit")
    # [/worker]


if __name__ == "__main__":
    main()
