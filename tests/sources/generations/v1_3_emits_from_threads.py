"""SDK 1.3: worker threads fill a queue; a base class for logging, with static methods, comes first."""

import queue
import threading

import panoply

TABLES = {"kinesis": 6}


class Logger(object):
    @staticmethod
    def log_of(content, instance=None):
        if instance is not None:
            instance.log(content)

    @staticmethod
    def error(content, retryable=False):
        raise panoply.PanoplyException(content, retryable=retryable)


class Worker(threading.Thread, Logger):
    def __init__(self, shard, rows):
        super(Worker, self).__init__()
        self.daemon = True
        self.shard = shard
        self.rows = rows

    def run(self):
        for number in range(3):
            self.rows.put({"shard": self.shard, "number": number})


class KinesisStream(Logger, panoply.DataSource):
    def __init__(self, source, options):
        super(KinesisStream, self).__init__(source, options)
        self.source.setdefault("destination", "kinesis")
        self.rows = queue.Queue()
        self.workers = None

    def read(self, n=None):
        if self.workers is None:
            self.workers = [Worker(shard, self.rows) for shard in range(2)]
            for worker in self.workers:
                worker.start()
            for worker in self.workers:
                worker.join()
        batch = []
        while not self.rows.empty():
            batch.append(self.rows.get())
        if not batch:
            return None
        Logger.log_of("shards read", self)
        self.progress(len(batch), len(batch), "done")
        return batch


Stream = KinesisStream
CONFIG = {"title": "Kinesis", "params": []}
