from __future__ import annotations
import a.b, c as d
from .. import e
from .f import (g as h,)
from i import *
__all__ = ["a", "b"]
if __name__ == "__main__": main()
