# SPDX-License-Identifier: MIT
"""A manager's server of Python with all its types, and with shared memory. See synchronization.py.

Usage: synchronization_server.py ADDRESS KEY
"""
import sys
from multiprocessing.managers import SharedMemoryManager, SyncManager

import manager_server


class Manager(SharedMemoryManager, SyncManager):
    pass


if __name__ == "__main__":
    # Before 3.9 a SharedMemoryServer makes no other objects: "name 'self' is not defined".
    manager_server.Manager = Manager if sys.version_info >= (3, 9) else SyncManager
    manager_server.main()
