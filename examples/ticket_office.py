"""The same kind of work done safely: racelint has nothing to say about it."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor


class TicketOffice:
    def __init__(self, seats):
        self._lock = threading.Lock()
        self._free = set(range(seats))
        self._numbers = itertools.count(1)

    def sell(self, seat):
        with self._lock:
            if seat not in self._free:
                return None
            self._free.remove(seat)
        return next(self._numbers)

    def free_seats(self):
        with self._lock:
            return sorted(self._free)


def main():
    office = TicketOffice(20)
    with ThreadPoolExecutor(max_workers=4) as pool:
        tickets = list(pool.map(office.sell, [1, 2, 3, 2, 1]))
    print(tickets, office.free_seats())


if __name__ == "__main__":
    main()
