lazy import a.b as c
lazy from . import d
class A[T: int = str, *Ts = *tuple[int], **P = [int]](B[T]): pass
type X[T] = list[T]
type(self).x = 1
a = {**d for d in ds}; b = [*x() for x in y]
def f[T](x: a[b][c]) -> a[b][c]: *(p, q), r = x
