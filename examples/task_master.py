# SPDX-License-Identifier: MIT
"""task_master.cpp in Python. Usage: task_master.py [HOST PORT]"""
import queue
import random
import sys
from multiprocessing.managers import BaseManager

tasks = queue.Queue()
results = queue.Queue()


def get_tasks():
    return tasks


def get_results():
    return results


class QueueManager(BaseManager):
    pass


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    QueueManager.register("get_task_queue", callable=get_tasks)
    QueueManager.register("get_result_queue", callable=get_results)
    manager = QueueManager(address=(host, port), authkey=b"abc")
    manager.start()
    task = manager.get_task_queue()
    result = manager.get_result_queue()
    for _ in range(10):
        n = random.randint(0, 1000)
        print("Put Task %d" % n, flush=True)
        task.put(n)
    print("Try get results", flush=True)
    for _ in range(10):
        print("Result: %s" % result.get(), flush=True)
    manager.shutdown()
    print("master exit")


if __name__ == "__main__":
    main()
