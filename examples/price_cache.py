"""A cache of price quotes that the threads of a pool share, without a lock."""

from concurrent.futures import ThreadPoolExecutor

PRODUCTS = ["tea", "coffee", "cocoa", "tea", "coffee", "tea"]


class Quote:
    def __init__(self, product):
        self.product = product
        self.price = 2.5 + len(product) / 10
        self.asked = 0


class PriceCache:
    def __init__(self):
        self._quotes = {}

    def price(self, product):
        if product not in self._quotes:
            self._quotes[product] = Quote(product)
        quote = self._quotes[product]
        quote.asked += 1
        return quote.price


def main():
    cache = PriceCache()
    with ThreadPoolExecutor(max_workers=4) as pool:
        prices = list(pool.map(cache.price, PRODUCTS))
    print(prices)


if __name__ == "__main__":
    main()
