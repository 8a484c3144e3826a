for i, (a, *b) in enumerate(x):
    if a and b or not c: continue
    elif d: break
    else: pass
else:
    raise E from None
while (n := next(it)): n -= 1
else: n = 0
try:
    with a as b, c: pass
    with (d as e, f): pass
except (A, B) as error: raise
except: return
else: yield 1
finally: x = yield from y
try: pass
except* E: pass
assert a, b
global g
nonlocal h
