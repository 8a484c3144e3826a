def f():
    x = (a +
# c
b)
	if x:\
  y
    @d
  # e
    class A: pass; y = 1


z = 2w = 3