"""Monitors that remember what they were told, or hand it on."""

from types import SimpleNamespace

from nugen_gan.monitor import Silent


class Recorder:
    """Stages with total and unit, what each advanced to, notes, and how many ended."""

    def __init__(self):
        self.stages, self.advances, self.figures, self.notes, self.ended = [], [], [], [], 0

    def started(self, what, total=None, unit=""):
        assert self.ended == len(self.stages), "the stage before has not ended"
        self.stages.append((what, total, unit))
        self.advances.append([])

    def advanced(self, done, **figures):
        self.advances[-1].append(done)
        self.figures.append(figures)

    def note(self, text):
        self.notes.append(text)

    def finished(self):
        self.ended += 1


class Watcher(Silent):
    """Calls a function after each step of the networks, with the figures of that step."""

    def __init__(self, watch):
        self.watch = watch

    def advanced(self, done, **figures):
        if "step" in figures:
            self.watch(SimpleNamespace(done=done, **figures))
