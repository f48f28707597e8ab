"""A thread, a pool, a program, a connection and a file: all of them end with close()."""

import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0
    closed = False

    def __init__(self, source, options):
        super().__init__(source, options)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.stop.wait)
        self.thread.start()
        self.pool = ThreadPoolExecutor(2)
        self.near, self.far = socket.socketpair()
        self.cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.file = open(__file__)

    def read(self, n=None):
        self.log("reading", self.file.readline())
        if self.number == 3:
            return None
        self.number += 1
        self.cat.stdin.write(b"%d\n" % self.number)
        self.cat.stdin.flush()
        self.far.sendall(self.pool.submit(self.cat.stdout.readline).result())
        self.progress(self.number, 3)
        return [{"id": int(self.near.recv(9))}]

    def close(self):
        if self.closed:
            return
        self.closed = True
        self.stop.set()
        self.thread.join()
        self.pool.shutdown()
        self.cat.communicate()
        self.near.close()
        self.far.close()
        self.file.close()
