x = [*a, b for b in c] if d else {**e, 'f': 1, **g()}
y = {k: v for k, v in z.items() if k async for w in q}
f(*a, b=c, **d)(lambda x, *y, z=1, **w: (yield x))[a:b:c, ...]
a = b = *c, d = 1 < 2 <= 3 != 4 is not 5 not in 6
a.b.c[d].e @= ~-+f ** g // h << 2
x = await y if (z := 1) else not w
x: "List[int]" = 1_000j + 0xFF + .5e-3
print >> f, x
exec "code" in d
