# SPDX-License-Identifier: MIT
"""A manager's server of Python with all its types, and with shared memory. See synchronization.py.

Usage: synchronization_server.py ADDRESS KEY
"""
from multiprocessing.managers import SharedMemoryManager, SyncManager

import manager_server


class Manager(SharedMemoryManager, SyncManager):
    pass


if __name__ == "__main__":
    manager_server.Manager = Manager
    manager_server.main()
