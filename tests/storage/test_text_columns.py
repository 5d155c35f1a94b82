import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nugen_gan.storage.text_columns import (
    by_code,
    decimal,
    integers,
    interleaved,
    invariant_mass,
    join,
    lines,
    quantised,
    sums,
)


@given(st.lists(st.floats(-9e5, 9e5), max_size=9))
def test_decimals_are_what_was_counted(values):
    counts = quantised(np.array(values, np.float64))
    words = join([decimal(counts), b"\n"], len(counts)).decode().split()
    assert [round(float(word), 12) for word in words] == [round(x / 1e12, 12) for x in
                                                          counts.tolist()]  # fmt: skip


@given(st.lists(st.integers(0, 10**15), max_size=9))
def test_integers_have_no_leading_zeros(values):
    text = join([integers(np.array(values, np.int64)), b" "], len(values))
    assert text.decode().split() == [str(value) for value in values]


def test_codes_keep_their_signs():
    codes = np.array([211, -211, 2212, 211], np.int32)
    assert join([by_code(codes, str), b" "], 4) == b"211 -211 2212 211 "
    assert by_code(codes[:0], str).shape[0] == 0


@given(st.lists(st.lists(st.integers(-(10**14), 10**14), max_size=5), min_size=1, max_size=9))
def test_sums_over_lists_are_exact(lists):
    counts = np.array([len(values) for values in lists])
    flat = np.array([x for values in lists for x in values], np.int64)
    assert sums(flat, counts).tolist() == [sum(values) for values in lists]


def test_the_mass_of_a_printed_momentum():
    momenta = [np.array([3, 0, 5]), np.array([0, 0, 0]), np.array([0, 0, 0]), np.array([5, 2, 3])]
    mass = invariant_mass([x * 10**12 for x in momenta])
    assert mass.tolist() == [4 * 10**12, 2 * 10**12, -4 * 10**12]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=20))
def test_lines_of_several_kinds_stand_event_by_event(numbers):
    """Heads, some lines of one kind and some of another, of any lengths."""
    many, few = (np.array(column, np.int64) for column in zip(*numbers, strict=True))
    texts = {"b": [f"b{i * i}\n" for i in range(many.sum())],
             "c": [f"c{i % 3 * 'x'}\n" for i in range(few.sum())]}  # fmt: skip
    rest = {kind: iter(lines_) for kind, lines_ in texts.items()}
    wanted = "".join(
        f"a{event}\n" + "".join(next(rest["b"]) for _ in range(b))
        + "".join(next(rest["c"]) for _ in range(c))
        for event, (b, c) in enumerate(numbers)
    )  # fmt: skip

    def matrix(words):
        if not words:
            return np.zeros((0, 1), np.uint8)
        packed = np.array(words, "S")
        return packed.view(np.uint8).reshape(len(words), -1)

    heads = lines([b"a", integers(np.arange(len(numbers))), b"\n"], len(numbers))
    one = np.ones(len(numbers), np.int64)
    found = interleaved([(heads, one), (matrix(texts["b"]), many), (matrix(texts["c"]), few)])
    assert found.decode() == wanted
