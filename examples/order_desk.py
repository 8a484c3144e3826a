"""An order desk that has a lock, and lets go of it between the look at the stock and the sale."""

import threading


class OrderDesk:
    def __init__(self, stock):
        self._lock = threading.Lock()
        self._stock = stock
        self.orders = 0

    def take(self, amount):
        with self._lock:
            left = self._stock
        self.orders += 1
        if left < amount:
            return False
        with self._lock:
            self._stock = left - amount
        return True

    def deliver(self, amount):
        with self._lock:
            self._stock = self._stock + amount


def main():
    desk = OrderDesk(100)
    customers = [threading.Thread(target=desk.take, args=(3,)) for _ in range(50)]
    for customer in customers:
        customer.start()
    desk.deliver(40)
    for customer in customers:
        customer.join()
    print(desk.orders)


if __name__ == "__main__":
    main()
