"""How many jobs are in flight, sampled from the database all the time."""

import threading
import time

SAMPLE_SECONDS = 0.005
IN_FLIGHT = """
    SELECT array_agg(id) FROM queue_job
     WHERE channel = %s AND state IN ('enqueued', 'started')
"""


class Flight:
    """A context manager that watches one channel.

    ``samples`` are (seconds since 1970, ids of the jobs handed out or at work);
    ``marks`` what was done meanwhile: (seconds since 1970, words).
    """

    def __init__(self, world, channel):
        self.channel = channel
        self.samples = []
        self.marks = []
        self._connection = world.connect()
        self._connection.autocommit = True
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._ending.set()
        self._thread.join()
        self._connection.close()

    def _watch(self):
        with self._connection.cursor() as cursor:
            while not self._ending.wait(SAMPLE_SECONDS):
                cursor.execute(IN_FLIGHT, [self.channel])
                ((ids,),) = cursor.fetchall()
                self.samples.append((time.time(), frozenset(ids or ())))

    def mark(self, words):
        """Note that something is done now; returns the time."""
        now = time.time()
        self.marks.append((now, words))
        return now

    def now(self):
        """How many jobs are in flight."""
        return len(self.samples[-1][1]) if self.samples else 0

    def between(self, since, until=float("inf")):
        """The samples of a time."""
        return [sample for sample in self.samples if since <= sample[0] <= until]

    def starts(self, since, until=float("inf")):
        """When jobs were handed out: (time, number in flight with them)."""
        known = None
        found = []
        for moment, ids in self.between(since, until):
            if known is not None and ids - known:
                found.append((moment, len(ids)))
            known = ids
        return found

    def draw(self, path, title):
        """An SVG picture of the samples and the marks."""
        begin, end = self.samples[0][0], self.samples[-1][0]
        top = max(len(ids) for _moment, ids in self.samples) + 1
        width, height, left = 1000, 300, 40

        def place(moment, count):
            x = left + (moment - begin) / (end - begin) * (width - left - 10)
            return f"{x:.1f},{height - 30 - count / top * (height - 70):.1f}"

        line, last = [], 0
        for moment, ids in self.samples:
            line += [place(moment, last), place(moment, len(ids))]
            last = len(ids)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{left}" y="16">{title}</text>',
        ]
        for count in range(top):
            x, y = place(begin, count).split(",")
            parts.append(f'<text x="20" y="{y}">{count}</text>')
            parts.append(
                f'<path d="M{x},{y} H{width - 10}" stroke="#ddd" fill="none"/>'
            )
        for number, (moment, words) in enumerate(self.marks):
            x, _y = place(moment, 0).split(",")
            parts.append(f'<path d="M{x},40 V{height - 30}" stroke="#c33"/>')
            parts.append(f'<text x="{x}" y="{32 + number % 2 * 12}">{words}</text>')
        parts.append(
            f'<polyline points="{" ".join(line)}" fill="none" stroke="#2a6"/></svg>'
        )
        path.write_text("\n".join(parts))
