def f(a,
    x = [1, {2
  y = = 3
)
class
if x
    "abc
f'{a
$?!
else:
for in
