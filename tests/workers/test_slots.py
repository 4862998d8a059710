"""The places for tries: how many a host gets, and what sick hosts leave to the others."""

from tillway.workers.slots import Slot, Slots


def take_all(slots: Slots, host: str) -> list[Slot]:
    taken: list[Slot] = []
    while (slot := slots.take(host)) is not None:
        taken.append(slot)
    return taken


def prove(slots: Slots, host: str) -> None:
    slot = slots.take(host)
    assert slot is not None
    slots.give_back(slot, went_well=True)


def test_a_host_that_was_never_asked_gets_one_place() -> None:
    assert len(take_all(Slots(16, 4), "new.example")) == 1


def test_a_host_that_accepts_promptly_gets_more_but_not_all() -> None:
    slots = Slots(16, 4)
    prove(slots, "good.example")
    assert len(take_all(slots, "good.example")) == 4


def test_a_host_that_fails_or_hangs_is_back_to_one_place() -> None:
    slots = Slots(16, 4)
    prove(slots, "good.example")
    for slot in take_all(slots, "good.example"):
        slots.give_back(slot, went_well=False)
    assert len(take_all(slots, "good.example")) == 1


def test_a_place_that_was_not_used_says_nothing_about_its_host() -> None:
    slots = Slots(16, 4)
    prove(slots, "good.example")
    slot = slots.take("good.example")
    assert slot is not None
    slots.give_back(slot, went_well=None)
    assert len(take_all(slots, "good.example")) == 4


def test_sick_hosts_leave_half_of_the_places_to_those_that_accept() -> None:
    slots = Slots(16, 4)
    for number in range(4):
        prove(slots, f"good{number}.example")
    sick = [slot for number in range(100) for slot in take_all(slots, f"sick{number}.example")]
    assert len(sick) == 8
    assert len([slot for number in range(4) for slot in take_all(slots, f"good{number}.example")]) == 8
    assert slots.free == 0


def test_places_that_are_given_back_are_free_again() -> None:
    slots = Slots(4, 2)
    taken = [slot for number in range(4) for slot in take_all(slots, f"host{number}.example")]
    for slot in taken:
        slots.give_back(slot, went_well=False)
    assert slots.free == 4
    assert len(take_all(slots, "host9.example")) == 1
