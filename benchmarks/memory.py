"""The most memory that some processes held, looked at again and again."""

import re
import threading
from pathlib import Path

#: seconds between two looks, which cost time of the processor themselves; what takes
#: much memory to read takes longer than that
EVERY = 1.0
FIELD = re.compile(r"^(VmRSS|VmHWM):\s+(\d+) kB$", re.M)


class Watch(threading.Thread):
    """Looks at groups of processes until it is left; a context manager.

    :param groups: {name: function that gives the process ids now}
    """

    def __init__(self, groups):
        super().__init__(daemon=True)
        self._groups = groups
        self._ending = threading.Event()
        #: {name: most MB that one process held, by its own account}
        self.single = dict.fromkeys(groups, 0.0)
        #: {name: most MB that all of them held at the same time}
        self.together = dict.fromkeys(groups, 0.0)

    def run(self):
        while not self._ending.wait(EVERY):
            for name, pids in self._groups.items():
                found = [held(pid) for pid in pids()]
                now = sum(rss for rss, _peak in found)
                peak = max((peak for _rss, peak in found), default=0.0)
                self.together[name] = max(self.together[name], now)
                self.single[name] = max(self.single[name], peak)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self._ending.set()
        self.join()


def held(pid):
    """(resident now, most ever) of a process, in MB; zeros when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    found = dict(FIELD.findall(status))
    return int(found.get("VmRSS", 0)) / 1000, int(found.get("VmHWM", 0)) / 1000
