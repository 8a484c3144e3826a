"""A cache of prices that the threads of a pool share, without a lock."""

from concurrent.futures import ThreadPoolExecutor

PRODUCTS = ["tea", "coffee", "cocoa", "tea", "coffee", "tea"]


class PriceCache:
    def __init__(self, fetch):
        self._fetch = fetch
        self._prices = {}
        self.misses = 0

    def price(self, product):
        if product not in self._prices:
            self.misses += 1
            self._prices[product] = self._fetch(product)
        return self._prices[product]


def fetch(product):
    return 2.5 + len(product) / 10


def main():
    cache = PriceCache(fetch)
    with ThreadPoolExecutor(max_workers=4) as pool:
        prices = list(pool.map(cache.price, PRODUCTS))
    print(prices, cache.misses)


if __name__ == "__main__":
    main()
