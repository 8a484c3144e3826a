match x, *y:
    case {"a": 1, **rest} if rest: pass
    case [A(b, c=1), *_] | (1 | -2.5 | 1+2j) as d: pass
    case A.B | None | "s" "t": pass
    case _: pass
match = type
