import numpy as np
import pytest
from recorder import Recorder
from transfer_toys import QUICK, carbon

from nugen_gan.errors import UsageError
from nugen_gan.transfer.bootstrap import bootstrap_replicas
from nugen_gan.transfer.reweighting import learn_reweighting


@pytest.fixture(scope="module")
def learned(tiny_model, tiny_events):
    return learn_reweighting(carbon(tiny_model), tiny_events, 1, recipe=QUICK)


@pytest.fixture(scope="module")
def start(learned):
    return learned.model.with_(name="tiny")


@pytest.fixture(scope="module")
def base(tiny_model):
    return carbon(tiny_model)


def _replicated(base, learned, events, seed=1, heard=None):
    model, heard = learned.model.with_(name="tiny"), heard or Recorder()
    return bootstrap_replicas(model, base, learned, events, 2, seed, heard, recipe=QUICK)


@pytest.fixture(scope="module")
def model(base, learned, tiny_events):
    return _replicated(base, learned, tiny_events)


ENU = np.linspace(0.3, 15.0, 4000)


def test_replicas_differ_and_are_numbered(model):
    drawn = [model.sample(ENU, seed=1, replica=k) for k in (None, 1, 2)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(drawn[one].elep, drawn[other].elep)
    assert [e.provenance.parameters.get("replica") for e in drawn] == [None, 1, 2]
    assert all(events.is_physical().all() for events in drawn)


def test_replicas_leave_the_model_as_it_is(model, start):
    np.testing.assert_array_equal(model.sample(ENU, seed=1).elep, start.sample(ENU, seed=1).elep)
    assert model.replica(1).replicas == ()
    assert model.replica(2).replica_number == 2


def test_same_seed_same_replicas(model, base, learned, tiny_events):
    heard = Recorder()
    again = _replicated(base, learned, tiny_events, heard=heard)
    assert heard.stages == [("replica 1 of 2", 1.0, ""), ("replica 2 of 2", 1.0, "")]
    assert [advances[-1] for advances in heard.advances] == [1.0, 1.0]
    other = _replicated(base, learned, tiny_events, seed=2)
    for k in (1, 2):
        expected = model.sample(ENU, seed=1, replica=k).elep
        np.testing.assert_array_equal(again.sample(ENU, seed=1, replica=k).elep, expected)
        assert not np.array_equal(other.sample(ENU, seed=1, replica=k).elep, expected)


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_replica_that_is_not_there(model, number):
    with pytest.raises(UsageError, match=f"replica {number} was asked for.*replicas 1 to 2"):
        model.replica(number)
    with pytest.raises(UsageError, match="replica"):
        model.sample(1.0, replica=number)


def test_a_model_without_replicas(start):
    with pytest.raises(UsageError, match=r"has no replicas\. 'nugen-gan finetune --ensemble N'"):
        start.replica(1)
