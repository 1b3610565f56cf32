"""What columns and levels may be called that a program may stumble over."""

import keyword

# Names of columns; two that stand side by side are two that may be confused.
NAMES = [
    "yield", "class", "lambda", "None", "True", "False", "import", "async", "TRUE", "NULL", "Inf",
    "if", "function", "in", "\u00b5", "\u03bc", "\u00c5", "\u212b", "\ufb01", "fi", "\u00aa",
    "a b", "a.b", "a_b", "a-b",
    "a  b",
    "x-1", "x_1", "x.1", "x:1", "max_", "log_", "I_", "number_", "logical_", "scale_", "poly_",
    "it's", '"q"', "a`b", "a\\b", "a\\n", "a\nb", "(v)", "v + w", "log(v)", " v", "v ", "1", "1e5",
    "log", "exp", "C", "c", "T", "F", "pi", "I", "sum", "poly", "mean", "factor", "contr.sum", "NA",
    "_x", "__import__", "__FORMULAIC_STATE__", "c0", "f0", "memory", "self", "data", "degree", "|",
    "~", "%in%", "\u00e9", "e\u0301", "\u53d8\u91cf", "\U0001f4a1", "..1", ".5",
    "weights", "offset", "a\tb", "\x01", "x\u00b2", "\u200b",
]  # fmt: skip
NAMES += [name for name in keyword.kwlist if name not in NAMES]

# Labels of levels.
HOSTILE = [
    "1_1", "111", "1_11", "１１１", "１１", "1.0", "1.", "01", "1e0", " 1", "1 ", "+1", "0x1", "1L",
    "infinity", "nan", "NaN", "inf", "None", "null", "N/A", "TRUE", "T", "a.b", "a_b", "a b", "a-b",
    "O'Brien", '"quoted"', "`", "\\", "a,b", "a;b", "#", "é", "e\u0301", "\u00b5", "\u03bc",
    "\u00c5", "\u212b", "\u2126",
    "組", "组", "\u0430", "a", "A", "1004000123412341", "1004000123412342", "9223372036854775807",
    "9223372036854775808", "1.00400012341234e+15", "\u200b", "\u00a0", "١",
]  # fmt: skip
