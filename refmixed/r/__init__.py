"""R's language: formulas, model frames and matrices, and the summary, as lme4 has them."""
