"""Jobs at the same time: in order, with errors, on as many threads as allowed."""

import threading
import time

import pytest

from nugen_gan import parallel


def test_results_come_in_the_order_of_the_jobs(monkeypatch):
    monkeypatch.setattr(parallel, "workers", lambda: 4)
    seen = set()

    def slow(number):
        seen.add(threading.get_ident())
        time.sleep(0.02 * (5 - number))
        return number

    assert parallel.each(slow, [(k,) for k in range(5)]) == list(range(5))
    assert len(seen) > 1


def test_an_error_is_not_lost(monkeypatch):
    monkeypatch.setattr(parallel, "workers", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        parallel.each(lambda x: 1 / x, [(1,), (0,), (2,)])


@pytest.mark.parametrize(("text", "most"), [("1", 1), ("", None), ("many", None), ("0", None)])
def test_the_number_of_threads_is_what_the_user_allows(monkeypatch, text, most):
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    assert parallel.workers() == most if most else parallel.workers() >= 1
