"""Lessons: what is kept, merged and forgotten, and that learnt utility finds what similarity alone does not."""

import random

import pytest

from evolve.domain import Outcome, Status
from evolve.scaffold.base import OutcomeView
from evolve.scaffold.memory import CAPACITY, HALF_LIFE, Memory


def outcome(number, lesson, gain=1.0, status=Status.VALID):
    score = None if gain is None else 2.0 + gain
    kept = Outcome.REJECTED if gain is None else Outcome.IMPROVED if gain > 0 else Outcome.NOT_ADDED
    return OutcomeView(number, "mutate", "", (0,), 0, status, kept, score, 2.0, lesson=lesson)


def remembering(*lessons):
    """A memory of (number, text, gain)."""
    memory = Memory()
    for number, text, gain in lessons:
        memory.note(outcome(number, text, gain))
    return memory


def invented_words(rng):
    """Endless made-up words, none twice."""
    seen = set()
    while True:
        word = "".join(rng.choice("bdfgklmnprtvz") + rng.choice("aeiou") for _ in range(4))
        if word not in seen:
            seen.add(word)
            yield word


def share_found(weight, seed, decoys=24, rounds=600, places=2):
    """How often the one useful lesson is recalled in the later half of a run among decoys that sound more fitting.

    A child improves with a chance of 50 % when its prompt showed the useful lesson, else of 5 %.
    """
    rng = random.Random(seed)
    fresh = invented_words(rng)
    topic = [next(fresh) for _ in range(8)]
    texts = [rng.sample(topic, 2) + [next(fresh) for _ in range(8)]]
    texts += [rng.sample(topic, 5) + [next(fresh) for _ in range(5)] for _ in range(decoys)]
    numbers = rng.sample(range(1, 1000), len(texts))
    memory = Memory(weight)
    for number, text in sorted(zip(numbers, texts, strict=True)):
        memory.note(outcome(number, " ".join(text)))
    found = 0
    for turn in range(rounds):
        shown = [lesson.number for lesson in memory.recall(" ".join(rng.sample(topic, 6)), places)]
        useful = numbers[0] in shown
        found += useful and turn >= rounds // 2
        memory.credit(shown, 0.75 if rng.random() < (0.5 if useful else 0.05) else 0.0)
    return found / (rounds - rounds // 2)


@pytest.mark.slow
def test_utility_finds_the_useful_lesson_where_similarity_does_not():
    shares = {weight: sum(share_found(weight, seed) for seed in range(5)) / 5 for weight in (0.0, 0.5, 0.8)}
    print(f"share of recalls with the useful lesson by weight on utility: {shares}")
    assert shares[0.0] < 0.1
    assert shares[0.5] > shares[0.0] + 0.1
    assert shares[0.8] > shares[0.5] + 0.2
    assert shares[0.8] > 0.7


def test_a_lesson_is_recalled_by_its_words():
    memory = remembering(
        (1, "Tried: wider bins for large items; improved", 0.1),
        (2, "Tried: a random restart of the solver; improved", 0.2),
        (3, "Tried: sorting circles by radius; improved", 0.3),
    )
    assert memory.recall("circle radius is too small", 1)[0].number == 3
    assert memory.recall("restart the solver", 1)[0].number == 2


def test_what_helped_and_what_did_not_are_both_shown_and_told_apart():
    lessons = [(n, f"idea{chr(97 + n)} alone", 1.0 if n < 10 else -1.0) for n in range(20)]
    shown = remembering(*lessons).recall("idea", 5)
    assert [lesson.helped for lesson in shown] == [True] * 3 + [False] * 2
    assert all(lesson.helped == (lesson.number < 10) for lesson in shown)


def test_places_one_kind_cannot_fill_go_to_the_other():
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    assert len(remembering(*((n, word, -1.0) for n, word in enumerate(words))).recall("", 5)) == 5
    assert len(remembering(*((n, word, 1.0) for n, word in enumerate(words))).recall("", 5)) == 5
    mixed = remembering(*((n, word, 1.0 if n == 0 else -1.0) for n, word in enumerate(words))).recall("", 5)
    assert sum(lesson.helped for lesson in mixed) == 1
    assert len(mixed) == 5
    assert remembering((1, "alpha", 1.0)).recall("", 0) == ()
    assert Memory().recall("anything", 5) == ()


def test_a_failure_teaches_what_not_to_do():
    memory = Memory()
    memory.note(outcome(7, "Tried: recursion; crashed: RecursionError", None, Status.CRASH))
    (lesson,) = memory.recall("recursion", 3)
    assert not lesson.helped
    assert lesson.gain is None


def test_lessons_that_say_the_same_are_one_with_all_their_sources():
    memory = remembering(
        (4, "Tried: sort the items by size before packing; improved from 1.0 to 1.2", 0.2),
        (9, "Tried: sort the items by sizes, before packing; improved from 1.5 to 1.6", 0.1),
        (12, "Tried: sort the items by size before packing; worsened from 1.5 to 1.4", -0.1),
        (15, "Tried: a lookup table of fill levels; improved", 0.1),
    )
    kept = memory.snapshot()
    assert len(kept) == 3
    merged = next(lesson for lesson in kept if lesson["count"] == 2)
    assert merged["sources"] == [4, 9]
    assert merged["helped"]
    assert merged["gain"] == pytest.approx(0.1)


def test_words_without_a_letter_are_no_lesson():
    assert remembering((1, "1.5 -> 2.0", 1.0), (2, "", 1.0)).snapshot() == []


def test_a_lesson_that_preceded_improvements_gains_utility_and_one_that_did_not_loses_it():
    memory = remembering((1, "alpha", 1.0), (2, "beta", 1.0))
    for _ in range(10):
        memory.credit([1], 1.0)
        memory.credit([2], 0.0)
    utility = {lesson.number: lesson.utility for lesson in memory.recall("", 2)}
    assert utility[1] > 0.3
    assert utility[2] < 0.0


def test_a_lesson_gets_no_credit_for_what_the_one_beside_it_explains():
    memory = remembering((1, "alpha", 1.0), (2, "beta", 1.0))
    for _ in range(60):
        memory.credit([1], 1.0)
    for _ in range(60):
        memory.credit([1, 2], 1.0)
    utility = {lesson.number: lesson.utility for lesson in memory.recall("", 2)}
    assert utility[2] < 0.1 < 0.5 < utility[1]


def test_a_lesson_that_was_not_tried_yet_gets_its_turn():
    lessons = [(n, f"plan{chr(97 + n)}", 1.0) for n in range(6)]
    memory = remembering(*lessons)
    for _ in range(10):
        memory.credit([0, 1, 2], 1.0)
    shown = {lesson.number for lesson in memory.recall("", 3)}
    assert len(shown & {0, 1, 2}) == 2
    assert len(shown & {3, 4, 5}) == 1


def test_the_memory_stays_small_and_keeps_what_proved_useful():
    rng = random.Random(1)
    fresh = invented_words(rng)
    memory = Memory()
    memory.note(outcome(0, "the useful lesson"))
    for _ in range(20):
        memory.credit([0], 1.0)
    for number in range(1, 2 * CAPACITY):
        memory.note(outcome(number, " ".join(next(fresh) for _ in range(5))))
    kept = memory.snapshot()
    assert CAPACITY <= len(kept) <= 1.25 * CAPACITY
    assert kept[0]["sources"] == [0]
    # Of the unproven ones the oldest were forgotten.
    assert min(lesson["sources"][0] for lesson in kept[1:]) > CAPACITY // 2
    assert memory.recall("useful", 1)[0].number == 0


def test_utility_fades_when_a_lesson_is_not_used():
    memory = remembering((1, "alpha", 1.0))
    memory.credit([1], 1.0)
    before = memory.recall("alpha", 1)[0].utility
    for number in range(HALF_LIFE):
        memory.note(outcome(2 + number, "beta"))
    assert memory.recall("alpha", 1)[0].utility == pytest.approx(before / 2)


def test_the_same_outcomes_give_the_same_memory_and_recall_changes_nothing():
    def build(recalls):
        memory, rng = Memory(), random.Random(3)
        fresh = invented_words(random.Random(4))
        for number in range(400):
            gain = rng.choice([1.0, -1.0, None])
            text = [next(fresh), "shared", *rng.choices(["abc", "def", "ghi", "jkl"], k=3)]
            memory.note(outcome(number, " ".join(text), gain))
            memory.credit(rng.choices(range(number + 1), k=3), rng.random())
            for _ in range(recalls):
                memory.recall("shared abc", 5)
        return memory

    one, other = build(0), build(2)
    assert one.snapshot() == other.snapshot()
    assert one.recall("abc shared ghi", 5) == other.recall("abc shared ghi", 5)


def test_credit_for_forgotten_lessons_is_no_error():
    memory = remembering((1, "alpha", 1.0))
    memory.credit([99], 1.0)
    memory.credit([], 1.0)
    assert memory.recall("alpha", 1)[0].utility == 0.0
