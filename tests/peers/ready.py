"""What every peer does: writes lines of JSON, and says on which port it listens."""

import json
import os
import threading


class Journal:
    """A file of JSON lines that others read while it grows."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()

    def write(self, **entry):
        with self.lock:
            self.file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self.file.flush()


def say_ready(path, port):
    """Writes the port to a file, all at once."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(f"{port}\n")
    os.rename(path + ".new", path)
